/** The form's fields: written as people expect, checked when left and when sent, each with its own message. */

import { brandOf, CHECKS, codeLength, digitsOf, expiryWritten, grouped } from "./card.js";

const SECRETS = ["number", "expiry", "cvc"];

export class Fields {
  constructor(form, texts, month) {
    this.form = form;
    this.texts = texts;
    this.month = month;
    this.summary = document.getElementById("summary");
    form.noValidate = true;
    this.all = [...form.elements].filter((field) => field.name);
    this.all.forEach((field) => this.watch(field));
    this.helpWriting();
    this.showBrand();
  }

  watch(field) {
    field.addEventListener("blur", () => this.left(field));
    field.addEventListener("input", () => this.show(field, null));
  }

  /** A field that was never filled is not complained about on the way through. */
  left(field) {
    if (field.value.trim()) {
      this.show(field, this.problem(field));
    }
  }

  values() {
    return Object.fromEntries(this.all.map(({ name, value }) => [name, value.trim()]));
  }

  problem(field) {
    if (!field.value.trim()) {
      return field.required ? "missing" : null;
    }
    return CHECKS[field.name]?.(this.values(), this.month) ?? null;
  }

  /** The message under the field, and to screen readers; a problem without words of its own gets general ones. */
  show(field, problem) {
    const message = problem && (this.texts[`${field.name}_${problem}`] ?? this.texts.field_wrong);
    const shown = document.getElementById(`${field.id}-error`);
    shown.textContent = message ?? "";
    shown.hidden = !message;
    field.setAttribute("aria-invalid", String(Boolean(message)));
  }

  /** Whether everything can be sent; if not, what is wrong is listed and the first such field has the focus. */
  check() {
    return this.complain(Object.fromEntries(this.all.map((field) => [field.name, this.problem(field)])));
  }

  complain(problems) {
    const wrong = this.all.filter(({ name }) => problems[name]);
    this.all.forEach((field) => this.show(field, problems[field.name] ?? null));
    this.summary.hidden = wrong.length === 0;
    this.summary.querySelector("ul").replaceChildren(...wrong.map(linkTo));
    wrong[0]?.focus();
    return wrong.length === 0;
  }

  /** The card goes out of the page as soon as it is on its way. */
  forgetCard() {
    SECRETS.forEach((name) => {
      this.form.elements[name].value = "";
    });
    this.showBrand();
  }

  /** Spaces and slashes come by themselves; the cursor stays at the digit where it was. */
  helpWriting() {
    const { number, expiry } = this.form.elements;
    number.addEventListener("input", () => {
      this.rewrite(number, grouped(number.value));
      this.showBrand();
    });
    expiry.addEventListener("input", ({ inputType }) => {
      if (!inputType?.startsWith("delete")) {
        this.rewrite(expiry, expiryWritten(expiry.value));
      }
    });
  }

  rewrite(field, written) {
    const atEnd = field.selectionStart === field.value.length;
    const before = digitsOf(field.value.slice(0, field.selectionStart)).length;
    field.value = written;
    if (!atEnd) {
      const place = placeAfter(written, before);
      field.setSelectionRange(place, place);
    }
  }

  showBrand() {
    const { number, cvc } = this.form.elements;
    const length = codeLength(number.value);
    document.getElementById("brand").textContent = brandOf(number.value).name;
    document.getElementById("cvc-hint").textContent = this.texts[length === 4 ? "cvc_hint_4" : "cvc_hint"];
    cvc.maxLength = length ?? 4;
  }
}

/** The place behind so many digits. */
function placeAfter(written, digits) {
  let place = 0;
  for (let seen = 0; seen < digits && place < written.length; place += 1) {
    seen += /\d/.test(written[place]) ? 1 : 0;
  }
  return place;
}

function linkTo(field) {
  const link = document.createElement("a");
  link.href = `#${field.id}`;
  link.textContent = document.getElementById(`${field.id}-error`).textContent;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    field.focus();
  });
  const item = document.createElement("li");
  item.append(link);
  return item;
}
