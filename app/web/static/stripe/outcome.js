/** What became of the payment: asked of the provider and the gateway, told to the page around this one. */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5_000;
const PATIENCE = 60_000;
const ONE_ANSWER = 10_000;

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How long to wait before each next question, in milliseconds, for a minute in all. */
function* pauses() {
  for (let pause = FIRST_WAIT, waited = 0; waited < PATIENCE; pause = Math.min(pause * 1.5, LONGEST_WAIT)) {
    yield pause;
    waited += pause;
  }
}

/** The answer as JSON; null when there is none. */
export async function ask(url) {
  try {
    const answer = await fetch(url, { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(ONE_ANSWER) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Ask until the answer is enough: the latest answer, which after a minute may not be; null when there was none. */
export async function askUntil(enough, url) {
  let known = await ask(url);
  for (const pause of pauses()) {
    if (known && enough(known)) {
      break;
    }
    await later(pause);
    known = (await ask(url)) ?? known;
  }
  return known;
}

/**
 * Post the window event to each registered origin, and to nobody else.
 *
 * The parent has one origin. Where the browser tells which, the others are left out: they would hear nothing, and
 * each attempt would be written to the console.
 */
export function tell(origins, facts) {
  if (window.parent === window) {
    return;
  }
  const event = JSON.stringify({ type: "FaregatePaymentResponse", ...facts });
  const parent = location.ancestorOrigins?.[0];
  for (const origin of origins) {
    if (parent === undefined || parent === origin) {
      window.parent.postMessage(event, origin);
    }
  }
}
