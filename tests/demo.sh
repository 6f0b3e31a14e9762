#!/bin/sh
# make demo: our sample articles, three questions, and what to type next.
# The archive is thrown away by `make clean`; `kiosque` must be on the PATH.
set -eu
cd "$(dirname "$0")/.."
KIOSQUE_HOME="$PWD/.demo"
export KIOSQUE_HOME

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }

say kiosque index tests/data/articles
kiosque index tests/data/articles

# The last one has no answer in the articles: exit code 3, which is not a failure.
for question in \
    "Combien d'habitants ont dû quitter leur maison pendant la crue de Mirvolle ?" \
    "Quand aura lieu la prochaine édition du festival des marionnettes ?" \
    "Quel âge a Hélène Castagnet ?"
do
    say "kiosque ask \"$question\""
    kiosque ask "$question" || [ $? -eq 3 ]
done

case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
en*) cat <<'END'

Now with your own articles:
    . .venv/bin/activate
    kiosque index FOLDER
    kiosque ask "Your question?"
To have answers written by a model, behind any endpoint that speaks OpenAI's protocol:
    export KIOSQUE_LLM__BASE_URL=http://localhost:11434/v1 KIOSQUE_LLM__MODEL=NAME
For a Telegram bot, keep the token that BotFather gives in KIOSQUE_TELEGRAM__TOKEN.
All the settings: kiosque config
END
;;
*) cat <<'END'

Avec vos propres articles :
    . .venv/bin/activate
    kiosque index DOSSIER
    kiosque ask "Votre question ?"
Pour des réponses rédigées par un modèle, derrière tout service au protocole d’OpenAI :
    export KIOSQUE_LLM__BASE_URL=http://localhost:11434/v1 KIOSQUE_LLM__MODEL=NOM
Pour un bot Telegram, mettez le jeton de BotFather dans KIOSQUE_TELEGRAM__TOKEN.
Tous les réglages : kiosque config
END
;;
esac
