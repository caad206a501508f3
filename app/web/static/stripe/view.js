/** What the payer sees and hears: Stripe's fields around our words, or one message. */

const part = (name) => document.getElementById(name);

/** Focus moves only where it already is in this page: it is not taken from the page around it. */
function focus(element) {
  if (document.hasFocus()) {
    element.focus();
  }
}

export class View {
  constructor(texts) {
    this.texts = texts;
    this.form = part("card-form");
  }

  /** For screen readers. */
  say(text) {
    part("status").textContent = text;
  }

  /** Stripe's fields are there. */
  ready() {
    part("loading").remove();
    part("pay").disabled = false;
  }

  /** The form while it takes no second click. */
  wait(waiting) {
    this.form.setAttribute("aria-busy", String(waiting));
    part("pay").disabled = waiting;
    part("spinner").hidden = !waiting;
    part("pay-text").textContent = waiting ? this.texts.paying : this.texts.pay;
    this.say(waiting ? this.texts.checking : "");
  }

  /** The form again, with the reason why it did not work. */
  again(reason) {
    this.wait(false);
    part("reason").textContent = reason;
    part("reason").scrollIntoView({ block: "nearest" });
    focus(part("pay"));
  }

  forgetReason() {
    part("reason").textContent = "";
  }

  closingSoon(text) {
    if (part("closing").textContent !== text) {
      part("closing").textContent = text;
    }
  }

  /** One of the page's messages, instead of everything else: the fields are gone for good. */
  conclude(message) {
    ["entry", "closing"].forEach((name) => part(name)?.remove());
    this.say("");
    const shown = part("message");
    shown.replaceChildren(part(`message-${message}`).content.cloneNode(true));
    focus(shown.querySelector("h2"));
  }
}
