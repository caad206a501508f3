// A Stripe.js of the tests, served from its own origin: what the page calls of the real one, and what it was called with.
{
  const origin = new URL(document.currentScript.src).origin;
  const ask = async (path) => (await fetch(`${origin}${path}`)).json();

  class Element {
    on(name, heard) {
      this[name] = heard;
    }

    mount(selector) {
      const frame = document.createElement("iframe");
      frame.src = `${origin}/frame`;
      frame.title = "Stripe";
      Object.assign(frame.style, { width: "100%", border: 0 });
      frame.addEventListener("load", () => this.ready?.());
      document.querySelector(selector).append(frame);
    }
  }

  window.Stripe = (key, options) => {
    window.asked = { key, options, elements: [], secrets: [] };
    return {
      elements: (wanted) => {
        window.asked.wanted = wanted;
        return {
          create: (kind, how) => {
            window.asked.elements.push([kind, how]);
            return new Element();
          },
          submit: () => ask("/submit"),
        };
      },
      createConfirmationToken: () => ask("/token"),
      handleNextAction: async ({ clientSecret }) => {
        window.asked.secrets.push(clientSecret);
        return ask(`/challenge?secret=${clientSecret}`);
      },
    };
  };
}
