/**
 * The card form: takes a card to the provider, shows the issuer's challenge, follows the booking to its end, and tells
 * the page around it how that went. Without this script the form still works; then nobody is told.
 */

import { Fields } from "./fields.js";
import { ask, askUntil, tell } from "./outcome.js";
import { View } from "./view.js";

const SUBMITTING = 20_000;
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
    } else if (this.page.state === "form") {
      this.takeCards();
    }
  }

  takeCards() {
    const { form } = this.view;
    this.fields = new Fields(form, this.page.texts, this.page.month);
    form.addEventListener("submit", (event) => this.submit(event));
    window.addEventListener("message", (event) => this.hear(event));
    if (this.page.challenge_url) {
      this.go({ state: "challenge", challenge_url: this.page.challenge_url });
    }
    this.watchTheClock();
  }

  // From the card to the provider's answer.

  async submit(event) {
    event.preventDefault();
    if (this.busy) {
      return;
    }
    this.view.forgetReason();
    if (!this.fields.check()) {
      this.view.say(this.page.texts.check_fields);
      return;
    }
    this.busy = true;
    const card = JSON.stringify(this.fields.values());
    this.fields.forgetCard();
    this.view.wait(true);
    await this.hearAnswer(await this.send(card));
  }

  /** The provider's answer to the card; null when it was lost. */
  async send(card) {
    const headers = { "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(SUBMITTING);
    try {
      const answer = await fetch(this.view.form.action, { method: "POST", headers, body: card, signal });
      return { status: answer.status, told: await answer.json() };
    } catch {
      return null;
    }
  }

  async hearAnswer(answer) {
    if (this.over) {
      return;
    }
    if (answer?.status === 422) {
      this.busy = false;
      this.view.wait(false);
      this.fields.complain(answer.told.error.fields);
      this.view.say(this.page.texts.check_fields);
    } else if (answer?.status === 200) {
      this.page.attempts += 1;
      await this.go(answer.told);
    } else {
      await this.lookUp();
    }
  }

  /** What the charge's state says, where no answer did: the card may have arrived. */
  async lookUp() {
    const state = await askUntil(() => true, `${this.page.path}/state`);
    if (state === null) {
      this.conclude("unsure");
    } else if (state.state === "open" && state.attempts === this.page.attempts) {
      this.again(this.page.texts.not_sent);
    } else {
      this.page.attempts = state.attempts;
      await this.go(asAnswer(state));
    }
  }

  async go({ state, reason, challenge_url }) {
    if (this.over) {
      return;
    }
    if (state === "challenge") {
      this.view.challenge(challenge_url);
    } else if (state === "declined") {
      this.again(this.page.texts.declined[reason] ?? this.page.texts.declined.declined);
      await this.tellFailure();
    } else if (state === "expired") {
      this.conclude("ended");
      await this.tellFailure();
    } else {
      await this.follow();
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

  /** The challenge's frame says that it was answered; how, only the provider says. */
  async hear({ origin, source, data }) {
    const ours = origin === location.origin && source === this.view.frame.contentWindow;
    if (ours && data === "challenge-answered" && !this.over) {
      this.view.checkingChallenge();
      const state = await askUntil(() => true, `${this.page.path}/state`);
      await (state ? this.go(asAnswer(state)) : this.conclude("unsure"));
    }
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

  /** Say when the end is near; once it has come, the provider's clock decides. */
  async watchTheClock() {
    if (this.over) {
      return;
    }
    const left = this.page.seconds_left - (Date.now() - this.opened) / 1000;
    const [, notice] = NOTICES.find(([seconds]) => left <= seconds) ?? [];
    if (notice) {
      this.view.closingSoon(this.page.texts[notice]);
    }
    if (left <= 0 && (await ask(`${this.page.path}/state`))?.state === "closed") {
      await this.go({ state: "expired" });
    }
    setTimeout(() => this.watchTheClock(), Math.min(Math.max(left * 1000, 1_000), 5_000));
  }
}

/** The charge's state in the words of an answer to a card. */
function asAnswer({ state, declined, challenge_url }) {
  if (state === "open") {
    return challenge_url ? { state: "challenge", challenge_url } : { state: "declined", reason: declined };
  }
  return { state: state === "closed" ? "expired" : "authorised" };
}

new Payment(JSON.parse(document.getElementById("page").dataset.page)).start();
