#!/bin/sh
# make demo: from nothing to three questions on our sample articles, one without a sure answer, and
# what to type next. The archive is made afresh in .demo; `kiosque` must be on the PATH.
set -eu
cd "$(dirname "$0")/.."

# Nothing that is set for another archive: a demo must not write to somebody's Chroma server.
for name in $(env | sed -n 's/^\(KIOSQUE_[A-Z_]*\)=.*/\1/p'); do
    [ "$name" = KIOSQUE_LANGUAGE ] || unset "$name"
done
KIOSQUE_HOME="$PWD/.demo"
export KIOSQUE_HOME
rm -rf "$KIOSQUE_HOME"

bold='' plain=''
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
say() { printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"; }

# No sure answer is exit code 3, and not a failure of the demo.
ask() {
    say "kiosque ask \"$1\""
    kiosque ask "$1" || [ $? -eq 3 ]
}

say kiosque index tests/data/articles
kiosque index tests/data/articles

# Typed in haste; a figure that was corrected later; and one that no article answers.
ask "combien de gens ont du quiter leur maison a mirvolle"
ask "Combien de spectateurs aux Fils de Brézolans ?"
ask "Quel âge a Hélène Castagnet ?"

language=${KIOSQUE_LANGUAGE:-auto}
[ "$language" != auto ] || language=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}
case "$language" in
en*) cat <<'END'

The last question has no sure answer: no article says it (exit code 3).

To go on with these articles:
    . .venv/bin/activate
    export KIOSQUE_HOME="$PWD/.demo"
    kiosque articles
    kiosque search "retard du tramway"
With your own (without KIOSQUE_HOME, the archive is in your data folder):
    unset KIOSQUE_HOME
    kiosque index FOLDER
    kiosque ask "Your question?"
Another embedding model, behind an endpoint that speaks OpenAI's protocol:
    export KIOSQUE_EMBEDDING__BASE_URL=http://localhost:11434/v1 KIOSQUE_EMBEDDING__MODEL=NAME
A model that writes the answers, behind any endpoint that speaks OpenAI's protocol:
    export KIOSQUE_LLM__BASE_URL=http://localhost:11434/v1 KIOSQUE_LLM__MODEL=NAME
    kiosque doctor
A Telegram bot, with the token that BotFather gives:
    export KIOSQUE_TELEGRAM__TOKEN=TOKEN
    kiosque bot
All the settings: kiosque config. More: README.md
END
;;
*) cat <<'END'

La dernière question n’a pas de réponse sûre : aucun article n’y répond (code de sortie 3).

Pour continuer avec ces articles :
    . .venv/bin/activate
    export KIOSQUE_HOME="$PWD/.demo"
    kiosque articles
    kiosque search "retard du tramway"
Avec les vôtres (sans KIOSQUE_HOME, l’archive est dans votre dossier de données) :
    unset KIOSQUE_HOME
    kiosque index DOSSIER
    kiosque ask "Votre question ?"
Un autre modèle de vecteurs, derrière un service au protocole d’OpenAI :
    export KIOSQUE_EMBEDDING__BASE_URL=http://localhost:11434/v1 KIOSQUE_EMBEDDING__MODEL=NOM
Un modèle qui rédige les réponses, derrière un service au protocole d’OpenAI :
    export KIOSQUE_LLM__BASE_URL=http://localhost:11434/v1 KIOSQUE_LLM__MODEL=NOM
    kiosque doctor
Un bot Telegram, avec le jeton que donne BotFather :
    export KIOSQUE_TELEGRAM__TOKEN=JETON
    kiosque bot
Tous les réglages : kiosque config. Le reste : README.fr.md
END
;;
esac
