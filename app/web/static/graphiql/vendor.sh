#!/usr/bin/env bash
# Makes the files beside it from the npm packages, so that GraphiQL needs no network: sh vendor.sh (needs npm).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
cd "$work"
npm install --silent --no-save graphiql@3.8.3 react@18.3.1 react-dom@18.3.1 esbuild@0.25
notice="/*! GraphiQL 3.8.3, https://github.com/graphql/graphiql
$(cat node_modules/graphiql/LICENSE) */"
for kind in js css; do
    node_modules/.bin/esbuild "node_modules/graphiql/graphiql.min.$kind" --minify --log-level=error --target=es2020 \
        --legal-comments=eof "--banner:$kind=$notice" "--outfile=$here/graphiql.$kind"
done
cp node_modules/react/umd/react.production.min.js "$here/react.js"
cp node_modules/react-dom/umd/react-dom.production.min.js "$here/react-dom.js"
rm -rf "$work"
