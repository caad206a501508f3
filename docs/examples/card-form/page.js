import { listenToCardForm } from "./listener.js";

// Your backend calls the `pay` mutation and passes its `formUrl` on.
const { formUrl } = await (await fetch("payment.json")).json();
const frame = document.getElementById("card-form");

listenToCardForm(frame, formUrl, ({ paymentSuccessful, paymentStatus, amountPaid, currency }) => {
  const result = document.getElementById("result");
  if (paymentSuccessful !== "true") {
    result.textContent = "Nothing was paid.";
  } else if (paymentStatus === "SUCCESS") {
    result.textContent = `You paid ${amountPaid} ${currency}. Your booking is complete.`;
  } else {
    result.textContent = "Your card was accepted. Your booking is being finished.";
  }
  // Now ask your backend for the booking, and show that.
});
frame.src = formUrl;
