/**
 * The page around Stripe's fields: has Stripe make a token of what is typed, takes the token to the gateway, lets Stripe
 * show the issuer's challenge, follows the booking to its end, and tells the page around it how that went.
 */

import { ask, askUntil, tell } from "./outcome.js";
import { View } from "./view.js";

const SUBMITTING = 45_000;
const NOTICES = [
  [60, "closing_now"],
  [300, "closing_soon"],
];

class Payment {
  constructor(page) {
    this.page = page;
    this.opened = Date.now();
    this.busy = false;
    this.over = false;
    this.view = new View(page.texts);
  }

  /** Go on from where the charge is. */
  start() {
    if (this.page.state === "authorised") {
      this.follow();
    } else if (this.page.state === "ended") {
      this.tellFailure();
    } else if (typeof window.Stripe === "function") {
      this.takeCards();
    } else {
      this.conclude("unavailable");
    }
  }

  // Stripe's fields. The options are those of docs.stripe.com/payments/finalize-payments-on-the-server.

  takeCards() {
    const { public_key, language, units, currency } = this.page;
    this.stripe = window.Stripe(public_key, { locale: language });
    this.elements = this.stripe.elements({
      mode: "payment",
      amount: units,
      currency: currency.toLowerCase(),
      captureMethod: "manual",
      allowedPaymentMethodTypes: ["card"],
      appearance: { theme: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe" },
    });
    const card = this.elements.create("payment", { wallets: { applePay: "never", googlePay: "never" } });
    card.on("ready", () => this.view.ready());
    card.on("loaderror", () => this.conclude("unavailable"));
    card.mount("#card");
    this.elements.create("address", { mode: "billing", autocomplete: { mode: "disabled" } }).mount("#address");
    this.view.form.addEventListener("submit", (event) => this.submit(event));
    this.watchTheClock();
  }

  // From what is typed to the gateway's answer.

  async submit(event) {
    event.preventDefault();
    if (this.busy || this.over) {
      return;
    }
    this.busy = true;
    this.view.forgetReason();
    this.view.wait(true);
    const token = await this.makeToken();
    if (token) {
      await this.hearAnswer(await this.send(token));
    }
  }

  /** Stripe's token for what was typed; null once the payer was told what is wrong with it. */
  async makeToken() {
    const { error: wrong } = await this.elements.submit();
    const { error, confirmationToken } = wrong
      ? { error: wrong }
      : await this.stripe.createConfirmationToken({ elements: this.elements });
    if (error) {
      this.again(error.message ?? this.page.texts.not_sent);
      return null;
    }
    return confirmationToken.id;
  }

  /** The gateway's answer to the token; null when it was lost. */
  async send(token) {
    const headers = { "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(SUBMITTING);
    try {
      const answer = await fetch(`${this.page.path}/cards`, { method: "POST", headers, body: JSON.stringify({ token }), signal });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  async hearAnswer(answer) {
    if (this.over) {
      return;
    }
    if (answer) {
      this.page.attempts = answer.attempts;
      await this.go(answer);
    } else {
      await this.lookUp();
    }
  }

  /** What the charge's state says, where no answer did: the card may have arrived. */
  async lookUp() {
    const state = await ask(`${this.page.path}/state`);
    if (state === null) {
      this.conclude("unsure");
    } else if (["open", "declined"].includes(state.state) && state.attempts === this.page.attempts) {
      this.again(this.page.texts.not_sent);
    } else {
      this.page.attempts = state.attempts;
      await this.go(state);
    }
  }

  async go({ state, reason, client_secret }) {
    if (this.over) {
      return;
    }
    if (state === "challenge") {
      await this.challenge(client_secret);
    } else if (state === "declined") {
      this.again(this.page.texts.declined[reason] ?? this.page.texts.declined.declined);
      await this.tellFailure();
    } else if (state === "expired") {
      this.conclude("ended");
      await this.tellFailure();
    } else if (state === "authorised") {
      await this.follow();
    } else {
      this.conclude("unsure");
    }
  }

  /** Stripe shows the issuer's challenge in a frame of its own; how it went, only the gateway says. */
  async challenge(clientSecret) {
    await this.stripe.handleNextAction({ clientSecret });
    const state = await askUntil(({ state }) => !["challenge", "open"].includes(state), `${this.page.path}/state`);
    if (state === null || ["challenge", "open"].includes(state.state)) {
      this.conclude("unsure");
    } else {
      this.page.attempts = state.attempts;
      await this.go(state);
    }
  }

  again(reason) {
    this.busy = false;
    this.view.again(reason);
  }

  conclude(message) {
    this.over = true;
    this.view.conclude(message);
  }

  // What became of it, and who is told.

  /** The card is authorised: wait for the booking. Only a final no is one, an earlier one was about another card. */
  async follow() {
    this.conclude("processing");
    const known = await askUntil(({ final }) => final, this.page.outcome_url);
    if (known?.final && known.paymentSuccessful === "false") {
      this.conclude("failed");
      this.tell(known, { paymentSuccessful: "false" });
      return;
    }
    const paid = known?.paymentSuccessful === "true" ? known : null;
    const paymentStatus = paid?.paymentStatus ?? "PARTIALLY_COMPLETED";
    this.conclude(paymentStatus === "SUCCESS" ? "success" : "pending");
    this.tell(known, { paymentSuccessful: "true", paymentStatus, amountPaid: paid?.amountPaid ?? this.page.amount });
  }

  async tellFailure() {
    this.tell(await ask(this.page.outcome_url), { paymentSuccessful: "false" });
  }

  /** The gateway knows which booking it is. */
  tell(known, { paymentSuccessful, paymentStatus = null, amountPaid = this.page.nothing }) {
    const event = { paymentSuccessful, paymentStatus, amountPaid, currency: this.page.currency };
    tell(this.page.origins, { ...event, bookingId: known?.bookingId ?? null });
  }

  // The end of the session.

  /** Say when the end is near; once it has come, the gateway's clock decides. */
  async watchTheClock() {
    if (this.over) {
      return;
    }
    const left = this.page.seconds_left - (Date.now() - this.opened) / 1000;
    const [, notice] = NOTICES.find(([seconds]) => left <= seconds) ?? [];
    if (notice) {
      this.view.closingSoon(this.page.texts[notice]);
    }
    if (left <= 0 && !this.busy && (await ask(`${this.page.path}/state`))?.state === "expired") {
      await this.go({ state: "expired" });
    }
    setTimeout(() => this.watchTheClock(), Math.min(Math.max(left * 1000, 1_000), 5_000));
  }
}

new Payment(JSON.parse(document.getElementById("page").dataset.page)).start();
