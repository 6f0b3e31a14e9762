"""What is no article: walls, shells, errors, lists and templates are told for what they are."""

from __future__ import annotations

import pytest

from retrieval.reading import ArticleSource, CleaningRules, Sandbox, read_content
from retrieval.vocabulary import Draft, Unreadable
from tests.retrieval.reading.conftest import CASES, TODAY

_PAGES = CASES / "pages"
BRIEF = (
    "Le bac de Sainte-Orgue ne traversera pas la rade avant jeudi, a annoncé la capitainerie,"
    " qui attend une pièce de rechange du gouvernail."
)
LONG = (
    "<p>Le bac de Sainte-Orgue ne traversera pas la rade avant jeudi, a annoncé la capitainerie."
    " La pièce de rechange du gouvernail vient d'un chantier de Kervignac, à trois jours de"
    " route.</p><p>Les quarante écoliers de l'île seront logés au collège, et les commerçants"
    " demandent une vedette. « C'est la quatrième panne de l'hiver », regrette le maire, Yann"
    " Perrot, qui réclame un second bateau depuis deux ans au conseil départemental.</p><p>La"
    " préfecture réunira les élus lundi. Un crédit de 1,2 million d'euros avait été voté en"
    " juin, mais l'appel d'offres n'a reçu aucune réponse, et un deuxième n'est pas prévu avant"
    " le printemps prochain.</p>"
)
DATED = '<meta property="article:published_time" content="2021-03-04T08:00:00+01:00">'


class Pages:
    """Reads pages, and says what each one is."""

    def __init__(self, rules: CleaningRules, parser: Sandbox) -> None:
        self._rules = rules
        self._parser = parser

    def read(self, html: str) -> Draft | Unreadable:
        """What a page gives."""
        raw = html.encode()
        source = ArticleSource("o", "g", raw)
        (found,) = read_content(raw, "html", source, (), self._rules, TODAY, self._parser)
        assert isinstance(found, Draft | Unreadable)
        return found

    def reason(self, html: str) -> str:
        """Why a page gives no article; ``""`` when it gives one."""
        found = self.read(html)
        return found.reason if isinstance(found, Unreadable) else ""


@pytest.fixture
def pages(rules: CleaningRules, parser: Sandbox) -> Pages:
    """A reader of pages."""
    return Pages(rules, parser)


def page(body: str, title: str = "Le Phare de Trévou", head: str = "", attrs: str = "") -> str:
    """A page with some body."""
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body{attrs}>{body}</body></html>"
    )


def paragraphs(*texts: str) -> str:
    """Some paragraphs."""
    return "".join(f"<p>{text}</p>" for text in texts)


def article(title: str, *texts: str, head: str = "", more: str = "") -> str:
    """A page of an article, with no more of what pages say of themselves than is asked for."""
    body = f"<article><h1>{title}</h1>{paragraphs(*texts)}</article>{more}"
    return page(body, f"{title} - Le Phare de Trévou", head)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("08_js", "needs_script"),
        ("09_consent", "consent_wall"),
        ("10_404", "error_page"),
        ("11_home", "list_page"),
        ("template", "template"),
    ],
)
def test_the_pages_of_the_case(pages: Pages, name: str, reason: str) -> None:
    """Each page of the case is told for what it is."""
    assert pages.reason((_PAGES / f"{name}.html").read_text(encoding="utf-8")) == reason


# --- consent ------------------------------------------------------------------------------

_DIDOMI = (
    "Avec votre accord, nos partenaires et nous utilisons des cookies ou technologies similaires"
    " pour stocker, accéder à vos informations personnelles comme votre visite sur ce site.",
    "Vous pouvez retirer votre consentement ou vous opposer aux traitements basés sur l'intérêt"
    " légitime de nos partenaires à tout moment en cliquant sur « En savoir plus ».",
)
_FUNDING = (
    "trevou.example vous demande l'autorisation d'utiliser vos données personnelles aux fins"
    " suivantes :",
    "Publicités et contenu personnalisés, mesure de performance des publicités et du contenu,"
    " études d'audience et développement de services",
    "Stocker et/ou accéder à des informations sur un appareil",
    "Vos données à caractère personnel seront traitées et les informations issues de votre"
    " appareil pourront être consultées par 141 fournisseurs, dont certains invoquent leurs"
    " intérêts légitimes.",
)
_PAY = (
    "Vous avez choisi de refuser les cookies publicitaires. Pour accéder gratuitement au site,"
    " vous pouvez accepter leur dépôt à tout moment : votre consentement nous permet de vivre.",
    "Sans cookies publicitaires, l'accès est proposé par abonnement : 2 € par mois.",
)
_AXEPTIO = (
    "Nous respectons votre vie privée. Nous utilisons des cookies pour mesurer l'audience.",
    "Vous pouvez modifier vos préférences à tout moment : gérer mes choix, tout refuser.",
)
_ONETRUST = (
    "We value your privacy. We and our 764 partners store and/or access information on a device,"
    " such as cookies, and process personal data.",
    "With your permission we may use precise geolocation data. You may click to give your consent.",
)


@pytest.mark.parametrize("said", [_DIDOMI, _FUNDING, _PAY, _AXEPTIO, _ONETRUST])
def test_a_request_for_consent(pages: Pages, said: tuple[str, ...]) -> None:
    """A page that only asks for consent is a wall, whatever program asks, with metadata or none."""
    box = f"<div class='cmp'><h2>Vos choix</h2>{paragraphs(*said)}<button>OK</button></div>"
    assert pages.reason(page(box)) == "consent_wall"
    assert pages.reason(page(box, "Un bac en panne - Le Phare", DATED)) == "consent_wall"


def test_a_banner_beside_an_article(pages: Pages) -> None:
    """An article with a banner for consent in its page is one."""
    banner = f'<div id="didomi-host"><h2>Vos choix</h2>{paragraphs(*_DIDOMI)}</div>'
    body = f"{banner}<main><article><h1>Le bac en panne</h1>{LONG}</article></main>"
    assert pages.reason(page(body, "Le bac en panne")) == ""


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Cookies : une régie condamnée",
         "La Cnil a infligé jeudi 60 millions d'euros d'amende à la régie Trémel, qui déposait des"
         " traceurs sans le consentement des internautes."),
        ("Les cookies, mode d'emploi",
         "« Nous et nos partenaires stockons des informations sur un appareil » : la phrase"
         " accueille chaque visiteur. Selon une étude de l'université de Brest, 7 % la lisent."),
        ("JavaScript a trente ans",
         "Né en dix jours en 1995, le langage JavaScript est activé dans 98 % des navigateurs,"
         " rappelle l'ingénieure Maud Kerleo, qui lui consacre une exposition à Lannion."),
        ("Page introuvable, le roman d'une erreur 404",
         "La romancière Lise Ardant publie jeudi « Page introuvable », l'histoire d'une archiviste"
         " qui poursuit à travers le monde les adresses mortes de son journal."),
        ("Le site de la mairie en maintenance",
         "Le site de la mairie de Trévou sera fermé jusqu'à lundi, le temps de changer de serveur,"
         " a indiqué le maire. Les actes d'état civil se demandent au guichet."),
        ("Les journaux ferment leurs articles",
         "Trois quotidiens bretons réservent désormais leurs enquêtes aux abonnés. Ils espèrent"
         " gagner 4 000 lecteurs payants d'ici à juin, selon leur syndicat."),
        ("Un robot pour trier les moules",
         "Un robot trie depuis lundi les moules du port de Trévou : il en examine douze par seconde"
         " et rejette celles qui sont vides, explique la coopérative."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("head", ["", DATED])
def test_a_brief_about_such_things(pages: Pages, title: str, text: str, head: str) -> None:
    """A short article about cookies, scripts, errors or subscriptions is an article."""
    assert pages.reason(article(title, text, head=head)) == ""


# --- shells and checks --------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        '<div id="app"></div><script src="/app.js"></script>',
        '<div id="__next"><div></div></div><script src="/n.js"></script><footer>© 2021</footer>',
        "<noscript>You need to enable JavaScript to run this app.</noscript>"
        '<div id="q-app"></div><script src="/q.js"></script>',
        "<p>Veuillez activer JavaScript dans votre navigateur pour continuer.</p>",
        "<noscript><p>Ce site nécessite JavaScript.</p></noscript><script src='/m.js'></script>",
    ],
)
def test_a_shell_of_scripts(pages: Pages, body: str) -> None:
    """A page that a program is to fill is none yet."""
    assert pages.reason(page(body)) == "needs_script"


def test_an_article_in_a_root_element(pages: Pages) -> None:
    """A page that a server has filled is an article, whatever its element is called."""
    body = f'<noscript>Activez JavaScript.</noscript><div id="root"><h1>Bac</h1>{LONG}</div>'
    assert pages.reason(page(body)) == ""


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Just a moment...", "<h1>trevou.example</h1><p>Checking your browser.</p>"),
        ("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1><p>You are"
         " unable to access trevou.example</p><p>Cloudflare Ray ID: 6a1b</p>"),
        ("trevou.example", "<p>Please enable JS and disable any ad blocker</p><script src="
         "'https://ct.captcha-delivery.com/c.js'></script>"),
        ("Access to this page has been denied", "<p>Press &amp; Hold to confirm you are a human"
         " (and not a bot).</p>"),
        ("Vérification de sécurité", "<h1>Êtes-vous un robot ?</h1><p>Saisissez les caractères de"
         " l'image pour montrer que vous n'êtes pas un robot.</p>"),
        ("Le Phare", "<p>We recognize you are attempting to access this website from a country"
         " belonging to the European Economic Area, and access cannot be granted.</p>"),
        ("Le Phare", "<p>Vous utilisez un bloqueur de publicité. Désactivez votre bloqueur pour"
         " lire nos articles.</p>"),
    ],
)  # fmt: skip
def test_a_check_before_the_page(pages: Pages, title: str, body: str) -> None:
    """A check for robots, regions or advertising blockers is not the page behind it."""
    assert pages.reason(page(body, title)) == "bot_check"


# --- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("404 Not Found", "<h1>Not Found</h1><p>The requested URL was not found.</p>",
         "error_page"),
        ("Erreur 404 | Le Phare", "<h1>Désolé !</h1><p>Nous ne trouvons pas ce que vous cherchez."
         "</p>", "error_page"),
        ("Le Phare", "<h1>Cet article n'est plus disponible</h1><p>Le contenu demandé a été"
         " supprimé par la rédaction. Retour à l'accueil.</p>", "error_page"),
        ("410 Gone", "<p>This page has been removed.</p>", "error_page"),
        ("Index of /articles", "<pre>a.html 2021-03-04</pre>", "error_page"),
        ("503 Service Unavailable", "<h1>Service Unavailable</h1><p>Please try again later.</p>",
         "site_down"),
        ("Le Phare - Maintenance", "<p>Notre site est actuellement en maintenance. Merci de"
         " revenir dans quelques instants.</p>", "site_down"),
        ("Erreur 500", "<p>Une erreur interne est survenue, veuillez réessayer plus tard.</p>",
         "site_down"),
    ],
)  # fmt: skip
def test_an_error_that_looks_like_a_page(pages: Pages, title: str, body: str, reason: str) -> None:
    """What is not there, and a site that is down, are told apart: the second may pass."""
    assert pages.reason(page(body, title)) == reason


def test_an_error_page_with_the_latest_news(pages: Pages) -> None:
    """A list of other articles below it makes no article of it."""
    news = "".join(f"<li><a href='/a{n}'>Le bac numéro {n} est en panne</a></li>" for n in range(5))
    body = f"<main><h1>Page non trouvée</h1><p>Nos derniers articles :</p><ul>{news}</ul></main>"
    assert pages.reason(page(body, "Page non trouvée - Le Phare")) == "error_page"


# --- subscriptions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wall",
    [
        "Cet article est réservé aux abonnés. Profitez de notre offre à 1 € pendant trois mois.",
        "Il vous reste 84,5 % de cet article à lire. La suite est réservée aux abonnés.",
        "Abonnez-vous pour lire la suite de cet article",
        "Pour lire la suite, connectez-vous ou créez un compte.",
        "This article is for subscribers only. Subscribe to continue reading.",
    ],
)
def test_the_beginning_of_an_article_for_subscribers(pages: Pages, wall: str) -> None:
    """A few lines and an offer are no article, with the date that such a page has."""
    html = article("Le bac en panne", BRIEF, wall, head=DATED)
    assert pages.reason(html) == "paywalled"


def test_a_page_that_says_that_it_is_cut(pages: Pages) -> None:
    """What is not free, and whose sold part is not there, is a beginning."""
    ld = (
        '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False",'
        '"hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".sold"}}'
        "</script>"
    )
    assert pages.reason(article("Le bac en panne", BRIEF, head=ld)) == "paywalled"
    whole = f'<article><h1>Le bac</h1><p>{BRIEF}</p><div class="sold">{LONG}</div></article>'
    assert pages.reason(page(whole, "Le bac", ld)) == ""


@pytest.mark.parametrize(
    "box",
    [
        "Article réservé aux abonnés",
        "Déjà abonné ? Connectez-vous. Abonnez-vous à partir de 1 € par mois, sans engagement.",
    ],
)
def test_a_whole_text_that_a_subscriber_has_saved(pages: Pages, box: str) -> None:
    """A label, or an offer, beside a whole text cuts nothing."""
    body = f"<article><h1>Le bac en panne</h1><p>{box}</p>{LONG}</article>"
    found = pages.read(page(body, "Le bac en panne - Le Phare", DATED))
    assert isinstance(found, Draft)
    assert "appel d'offres" in found.text


def test_a_brief_with_an_offer(pages: Pages) -> None:
    """A short free article stays one beside an offer to subscribe."""
    offer = "Abonnez-vous pour soutenir la rédaction : à partir de 1 € par mois, sans engagement."
    assert pages.reason(article("Le bac en panne", BRIEF, offer, head=DATED)) == ""


def test_a_long_beginning_is_kept_without_the_offer(pages: Pages) -> None:
    """What can be read is read; that there is more, and the offer, are in the report."""
    offer = "<p>Pour lire la suite, abonnez-vous à notre édition numérique.</p><p>1 € par mois</p>"
    body = f"<article><h1>Le bac en panne</h1>{LONG}{LONG.replace('bac', 'ferry')}{offer}</article>"
    found = pages.read(page(body, "Le bac en panne - Le Phare", DATED))
    assert isinstance(found, Draft)
    assert "Pour lire la suite" not in found.text
    assert any("rest for subscribers" in removed for removed in found.removed)


# --- redirections -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        '<meta http-equiv="refresh" content="0;url=/bac.html">',
        "<META HTTP-EQUIV='Refresh' CONTENT='3; URL=\"/bac.html\"'>",
        "<meta content=0,/bac.html http-equiv=refresh>",
        '<script>window.location.href = "/bac.html";</script>',
        "<script>document.location.replace('/bac.html')</script>",
    ],
)
def test_a_page_that_leads_elsewhere(pages: Pages, head: str) -> None:
    """It is named with its target: a file cannot be followed."""
    found = pages.read(page("<a href='/bac.html'>Redirection</a>", head=head))
    assert isinstance(found, Unreadable)
    assert (found.reason, found.detail) == ("redirection", "/bac.html")


@pytest.mark.parametrize(
    "head",
    [
        '<meta http-equiv="refresh" content="300">',
        '<meta http-equiv="refresh" content="600;url=/direct">',
        '<noscript><meta http-equiv="refresh" content="0;url=/sans-script"></noscript>',
        '<!-- <meta http-equiv="refresh" content="0;url=/ancien"> -->',
        "<script>if (top != self) { top.location = 'https://trevou.example/'; }</script>",
    ],
)
def test_an_article_that_is_loaded_again_is_one(pages: Pages, head: str) -> None:
    """A live page, a page for browsers without scripts, a frame that breaks out: all stay."""
    assert pages.reason(article("Le bac en panne", BRIEF, BRIEF, BRIEF, head=head)) == ""


# --- lists --------------------------------------------------------------------------------


def teasers(count: int) -> str:
    """Headings that lead to articles, each with its summary."""
    return "".join(
        f'<div class="t"><h3><a href="/a{n}">Le bac numéro {n} est en panne</a></h3><p>Le bac'
        f" numéro {n} restera à quai jusqu'à vendredi, a dit la capitainerie de l'île.</p></div>"
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("title", "head", "attrs"),
    [
        ("Politique - Le Phare", '<script type="application/ld+json">{"@type":"CollectionPage"}'
         "</script>", ""),
        ("Archives de mars 2021 - Le Phare", "", ' class="archive date"'),
        ("Étiquette : ferry", '<link rel="canonical" href="https://trevou.example/tag/ferry">', ""),
        ("Résultats de recherche pour bac", "", ' class="search search-results"'),
        ("Le Phare de Trévou", '<meta property="og:url" content="https://trevou.example/">', ""),
        ("Lise Ardant, auteur au Phare", '<meta property="og:type" content="website">', ""),
        ("Tous les directs", '<script type="application/ld+json">{"@type":"ItemList"}</script>',
         ""),
    ],
)  # fmt: skip
def test_a_list_of_articles(pages: Pages, title: str, head: str, attrs: str) -> None:
    """Home pages, sections, tags, authors, searches: by what they say they are and consist of."""
    body = f"<main><h1>{title}</h1>{teasers(6)}</main>"
    assert pages.reason(page(body, title, head, attrs)) == "list_page"


@pytest.mark.parametrize("head", ["", DATED, '<meta property="og:type" content="article">'])
def test_an_article_with_a_long_list_below(pages: Pages, head: str) -> None:
    """Related articles below an article, be it brief, make no list of it."""
    below = f'<section class="related"><h2>À lire aussi</h2>{teasers(12)}</section>'
    assert pages.reason(article("Le bac en panne", BRIEF, head=head, more=below)) == ""


def test_a_gallery(pages: Pages) -> None:
    """Pictures with captions are no article; with a text beside them they are."""
    figures = "".join(
        f'<figure><img src="{n}.jpg"><figcaption>Le bac de Sainte-Orgue dans la rade, vue numéro'
        f" {n}, au matin du troisième jour.</figcaption></figure>"
        for n in range(8)
    )
    assert pages.reason(page(f"<article><h1>En images</h1>{figures}{LONG}</article>")) == ""
    assert pages.reason(page(f"<article><h1>En images</h1>{figures}</article>")) == "gallery"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Mentions légales",
            "Directeur de la publication : Yann Perrot. Hébergeur : Rade SA. " * 9,
        ),
        ("Conditions générales d'utilisation", "L'utilisateur accepte les présentes. " * 40),
        ("Politique de confidentialité", "Nous collectons votre adresse pour vous écrire. " * 30),
        ("Se connecter", "Saisissez votre adresse et votre mot de passe pour lire vos articles."),
        ("Contact", "La rédaction vous répond du lundi au vendredi, au 02 00 00 00 00, à Trévou."),
        (
            "Inscription à la newsletter",
            "Recevez chaque matin les titres du jour dans votre boîte.",
        ),
    ],
)
def test_a_page_about_the_site(pages: Pages, title: str, text: str) -> None:
    """Its title, whole, tells it; an article that says that it is one may be called so."""
    assert pages.reason(article(title, text)) == "service_page"
    assert pages.reason(article(f"{title} : la réforme", BRIEF)) == ""
    assert pages.reason(article(title, BRIEF, BRIEF, head=DATED)) == ""


# --- templates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field",
    ["{{ article.title }}", "{% block content %}", "<%= article.title %>", "${article.title}",
     "%%TITLE%%", "*|MC:SUBJECT|*"],
)  # fmt: skip
def test_a_template(pages: Pages, field: str) -> None:
    """Fields in the place of words, in any of the languages of templates."""
    shown = field.replace("<", "&lt;").replace(">", "&gt;")
    html = article(shown, f"Publié par {shown} le {shown}.", "Partager cet article avec vos amis.")
    assert pages.reason(html) == "template"


def test_an_article_about_templates(pages: Pages) -> None:
    """Code that is shown as code, and one field left in a long text, are no template."""
    code = "<pre><code>{{ user.name }}</code></pre>"
    body = f"<article><h1>Écrire un gabarit</h1>{LONG}{code}{LONG}</article>"
    assert pages.reason(page(body, "Écrire un gabarit")) == ""
    assert pages.reason(article("Le bac", "{{ ad.slot }}", *[BRIEF] * 5, head=DATED)) == ""


# --- walls and forms of whole sites ---------------------------------------------------------

_TRACKED = (
    "La Dépêche de Trévou vit de la publicité. Vous pouvez accepter les cookies de nos annonceurs"
    " et lire gratuitement le site, ou vous abonner sans publicité pour 3,50 € par mois."
)


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("Le Phare", paragraphs(_TRACKED), "consent_wall"),
        ("Before you continue to YouTube", paragraphs("We use cookies and data."), "consent_wall"),
        ("Le Phare", "<h2>Continuez votre lecture en vous inscrivant gratuitement</h2>"
         "<p>Trois articles offerts chaque mois.</p>", "paywalled"),
        ("Le Phare", paragraphs("Créez un compte gratuit pour poursuivre votre lecture."),
         "paywalled"),
        ("Nous vérifions que vous n'êtes pas un robot", paragraphs("Calcul en cours"), "bot_check"),
        ("Le Phare", paragraphs("You are seeing this because the administrator of this site has"
                                " set up a challenge."), "bot_check"),
        ("Archive", paragraphs("This URL has been excluded from the Wayback Machine."),
         "error_page"),
        ("Log in to Threads", "<p>Say more with your friends</p><input type='password'>"
         "<p>Forgot?</p>", "service_page"),
        ("Le Phare", "<h1>3 résultats pour « bac »</h1><ul><li><a href='/a'>Le bac en panne</a>"
         "<p>Le bac ne part plus depuis lundi.</p></li></ul>", "list_page"),
    ],
)  # fmt: skip
def test_a_page_before_or_beside_all_articles(
    pages: Pages, title: str, body: str, reason: str
) -> None:
    """Payment or consent, registration, checks, logins, searches: no article is there."""
    assert pages.reason(page(f"<main>{body}</main>", title)) == reason


def test_the_page_of_an_author(pages: Pages) -> None:
    """A profile that lists articles is a list; a portrait that is called a profile is none."""
    head = '<meta property="og:type" content="profile">'
    names = ("Le bac est en panne", "La criée a fermé", "Un phare à vendre", "La digue cède")
    links = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in names)
    body = "<h1>Maud Le Goff</h1><p>Elle suit le port.</p><h2>Ses articles</h2>"
    assert pages.reason(page(f"<main>{body}<ul>{links}</ul></main>", "Maud", head)) == "list_page"
    whole = f"<main><h1>Maud Le Goff, capitaine</h1>{LONG}<ul>{links}</ul></main>"
    assert pages.reason(page(whole, "Maud Le Goff, capitaine", head)) == ""


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Se connecter à la nature", BRIEF),
        ("Avant d'accéder à la rade", BRIEF),
        ("Trois résultats pour le bac", BRIEF),
        ("Le musée gratuit", "Le musée de Trévou se visite gratuitement le dimanche. Les autres"
         " jours, vous pouvez vous abonner pour 12 € par an, sans publicité ni rendez-vous."),
    ],
)  # fmt: skip
def test_a_brief_that_sounds_like_such_a_page(pages: Pages, title: str, text: str) -> None:
    """A brief is an article, even beside the login of its site."""
    login = "<form><input type='password'><button>Se connecter</button></form>"
    assert pages.reason(article(title, text, more=login)) == ""


def test_what_a_player_says_is_no_text(pages: Pages) -> None:
    """The content of a media element is a fallback; the rest of the page in one is not."""
    fallback = "<p>Votre navigateur ne lit pas cette vidéo. Téléchargez le fichier.</p>"
    with_text = f"<article><h1>Le bac</h1><video>{fallback}</video>{LONG}</article>"
    found = pages.read(page(with_text, "Le bac"))
    assert isinstance(found, Draft)
    assert "navigateur" not in found.text
    assert pages.reason(page(f"<article><video>{fallback}</video></article>", "Le bac"))
    unclosed = pages.read(page(f"<article><h1>Le bac</h1><video src='a'>{LONG}</article>"))
    assert isinstance(unclosed, Draft)
    assert "1,2 million" in unclosed.text


def test_what_stands_in_the_place_of_an_embed(pages: Pages) -> None:
    """A notice that an embedded post was blocked is no sentence of the article."""
    notice = "Ce contenu a été bloqué parce que vous avez refusé les traceurs publicitaires."
    found = pages.read(article("Le bac", BRIEF, notice, "Ce contenu est bloqué en douane."))
    assert isinstance(found, Draft)
    assert notice not in found.text
    assert "en douane" in found.text


_OWN = f"<p>{BRIEF}</p>"
_RESERVED = "Article exclusivement réservé à nos abonnés"
_OTHER = '<a href="/a/42">Le chantier de Kervignac embauche douze soudeurs</a>'


@pytest.mark.parametrize(
    "link",
    [
        f"<section><p><b>Lire aussi : </b><span>{_RESERVED}</span> {_OTHER}</p></section>",
        f"<div><p>À lire aussi</p><p>{_RESERVED}</p><p>{_OTHER}</p></div>",
        f"<ul><li><span>{_RESERVED}</span>{_OTHER}</li></ul>",
        f"<p><a href='/a/42'><i>{_RESERVED}</i> Le chantier embauche douze soudeurs</a></p>",
    ],
)
def test_what_is_said_of_another_article(pages: Pages, link: str) -> None:
    """A label of access beside a link to another article does not make this one a stub."""
    html = page(f"<article><h1>Le bac en panne</h1>{_OWN}{link}</article>", "Le bac", DATED)
    assert pages.reason(html) == ""


@pytest.mark.parametrize(
    "offer",
    [
        f"<p>{_RESERVED}.</p>",
        f"<p>{_RESERVED}. <a href='/offres'>Voir nos offres pour les lecteurs</a></p>",
        f"<div><p>{_RESERVED}</p><p><a href='/abo'>Je m'abonne pour un euro par mois</a></p></div>",
        f"<p>{_RESERVED}</p><section><p>Lire aussi</p><p>{_OTHER}</p></section>",
    ],
)
def test_what_is_said_of_this_article(pages: Pages, offer: str) -> None:
    """A label of access of its own makes a short text a stub, whatever it links to."""
    html = page(f"<article><h1>Le bac en panne</h1>{_OWN}{offer}</article>", "Le bac", DATED)
    assert pages.reason(html) == "paywalled"


def test_a_page_with_too_many_elements_is_refused_early(pages: Pages) -> None:
    """A page of hundreds of thousands of elements is refused for that, not for the time."""
    assert pages.reason(page("<div></div>" * 300_000)) == "too_complex"
