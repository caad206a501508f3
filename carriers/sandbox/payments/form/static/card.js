/** What can be said of a card before its issuer is asked: brand, grouping, check digit, expiry, code length. */

const BRANDS = [
  { name: "Visa", starts: /^4/, lengths: [13, 16, 19] },
  { name: "Mastercard", starts: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { name: "American Express", starts: /^3[47]/, lengths: [15], groups: [4, 6, 5], code: 4 },
  { name: "Discover", starts: /^(6011|64[4-9]|65)/, lengths: [16, 19] },
  { name: "Diners Club", starts: /^3(0[0-5]|[689])/, lengths: [14, 16, 19], groups: [4, 6, 4] },
  { name: "JCB", starts: /^35(2[89]|[3-8])/, lengths: [16, 19] },
];
// ISO/IEC 7812-1: at most 19 digits; no issuer uses fewer than 12.
const ANY = { name: "", lengths: [12, 13, 14, 15, 16, 17, 18, 19] };
const MOST_DIGITS = 19;
const MOST_YEARS_AHEAD = 25;

export const digitsOf = (text) => text.replace(/\D/g, "");

export const brandOf = (number) => BRANDS.find(({ starts }) => starts.test(digitsOf(number))) ?? ANY;

/** How many digits the security code has; null where the brand is unknown. */
export const codeLength = (number) => {
  const brand = brandOf(number);
  return brand === ANY ? null : (brand.code ?? 3);
};

/** The number in the groups printed on the card. */
export function grouped(number) {
  const { lengths, groups = [4, 4, 4, 4, 3] } = brandOf(number);
  const digits = digitsOf(number).slice(0, Math.min(MOST_DIGITS, Math.max(...lengths)));
  let at = 0;
  const parts = groups.map((size) => digits.slice(at, (at += size)));
  return [...parts, digits.slice(at)].filter(Boolean).join(" ");
}

/** Digits as "MM / YY"; a first digit above 1 can only be a month of its own. */
export function expiryWritten(text) {
  const [month, year] = expiryParts(text);
  return year === null ? month : `${month} / ${year}`;
}

function expiryParts(text) {
  const [before, after] = text.split("/");
  if (after !== undefined) {
    return [digitsOf(before).padStart(2, "0").slice(-2), digitsOf(after).slice(0, 4)];
  }
  const digits = digitsOf(before);
  if (digits.length === 1) {
    return digits > "1" ? [`0${digits}`, ""] : [digits, null];
  }
  return digits.length < 2 ? [digits, null] : [digits.slice(0, 2), digits.slice(2, 6)];
}

/** The check digit of ISO/IEC 7812-1, annex B. */
function passesLuhn(digits) {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (1 + (place % 2));
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** What is wrong with a filled field, in the words of the provider; null for nothing. `month` is this month, "YYYY-MM". */
export const CHECKS = {
  number: ({ number }) => {
    const digits = digitsOf(number);
    return passesLuhn(digits) && brandOf(digits).lengths.includes(digits.length) ? null : "not_a_card";
  },
  expiry: ({ expiry }, month) => {
    const [, mm, year] = /^(0[1-9]|1[0-2])\/(\d{2}|\d{4})$/.exec(expiry.replace(/\s/g, "")) ?? [];
    if (!mm) {
      return "malformed";
    }
    const asked = `${year.length === 2 ? `20${year}` : year}-${mm}`;
    if (asked < month) {
      return "expired";
    }
    return Number(asked.slice(0, 4)) - Number(month.slice(0, 4)) > MOST_YEARS_AHEAD ? "malformed" : null;
  },
  cvc: ({ cvc, number }) => {
    const length = codeLength(number);
    return (length === null ? /^\d{3,4}$/ : new RegExp(`^\\d{${length}}$`)).test(cvc.trim()) ? null : "malformed";
  },
};
