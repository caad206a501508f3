// Starts GraphiQL with the examples as tabs and the development token in their headers.
(() => {
  const setup = JSON.parse(document.getElementById("setup").textContent);
  const headers = JSON.stringify({ Authorization: `Bearer ${setup.token}` }, null, 2);

  // Tokens and offers of another day would only mislead, so nothing is remembered but the look.
  const remembered = new Map();
  const lasting = new Set(["graphiql:theme"]);
  const storage = {
    getItem: (key) => (lasting.has(key) ? localStorage.getItem(key) : (remembered.get(key) ?? null)),
    setItem: (key, value) => (lasting.has(key) ? localStorage.setItem(key, value) : remembered.set(key, value)),
    removeItem: (key) => (lasting.has(key) ? localStorage.removeItem(key) : remembered.delete(key)),
    clear: () => remembered.clear(),
    get length() {
      return remembered.size;
    },
  };

  ReactDOM.createRoot(document.getElementById("explorer")).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: "/graphql", headers: JSON.parse(headers) }),
      defaultHeaders: headers,
      defaultTabs: setup.tabs.map((tab) => ({ ...tab, headers })),
      // The editors of the first tab do not read it from the tabs.
      variables: setup.tabs[0].variables,
      headers,
      defaultEditorToolsVisibility: "variables",
      storage,
    }),
  );
})();
