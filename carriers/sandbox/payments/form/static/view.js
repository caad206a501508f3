/** What the payer sees and hears: the form, the issuer's challenge, or one message. */

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
    this.frame = part("challenge-frame");
    this.frame?.addEventListener("load", () => focus(this.frame));
  }

  /** For screen readers. */
  say(text) {
    part("status").textContent = text;
  }

  /** The form while it takes no second click. */
  wait(waiting) {
    this.form.setAttribute("aria-busy", String(waiting));
    part("inputs").disabled = waiting;
    part("spinner").hidden = !waiting;
    part("pay").textContent = waiting ? this.texts.paying : this.texts.pay;
    this.say(waiting ? this.texts.checking : "");
  }

  /** The form again, with the reason why it did not work. */
  again(reason) {
    this.wait(false);
    part("challenge").hidden = true;
    part("entry").hidden = false;
    part("reason").textContent = reason;
    focus(part("number"));
    part("reason").scrollIntoView({ block: "nearest" });
  }

  forgetReason() {
    part("reason").textContent = "";
  }

  challenge(url) {
    part("entry").hidden = true;
    part("challenge").hidden = false;
    if (this.frame.src !== url) {
      this.frame.src = url;
    }
    this.say(this.texts.challenge_heading);
  }

  checkingChallenge() {
    this.frame.removeAttribute("src");
    part("challenge").hidden = true;
    part("entry").hidden = false;
    this.wait(true);
  }

  closingSoon(text) {
    if (part("closing").textContent !== text) {
      part("closing").textContent = text;
    }
  }

  /** One of the page's messages, instead of everything else: the fields are gone for good. */
  conclude(message) {
    ["entry", "challenge", "closing"].forEach((name) => part(name)?.remove());
    this.say("");
    const shown = part("message");
    shown.replaceChildren(part(`message-${message}`).content.cloneNode(true));
    focus(shown.querySelector("h2"));
  }
}
