/**
 * Calls `told` with what the card form says of the payment.
 *
 * `frame` is the iframe it stands in and `formUrl` its address, as the `pay` mutation answered. Other windows can send
 * messages too: only this frame, at this origin, is believed. What it says is a hint: the booking is the truth.
 */
export function listenToCardForm(frame, formUrl, told) {
  const formOrigin = new URL(formUrl).origin;
  window.addEventListener("message", (event) => {
    if (event.origin !== formOrigin || event.source !== frame.contentWindow) {
      return;
    }
    const response = JSON.parse(event.data);
    if (response.type === "FaregatePaymentResponse") {
      told(response);
    }
  });
}
