// Who signs out leaves the browser to others: it shows them no messages. The server hears so with the next one it pushes.
"use strict";

{
  const beside = new URL(".", document.currentScript.src).href;

  const forget = async () => {
    const registration = await navigator.serviceWorker?.getRegistration(beside);
    const subscription = await registration?.pushManager?.getSubscription();
    await subscription?.unsubscribe();
    for (const shown of await registration?.getNotifications() ?? []) shown.close();
  };

  for (const form of document.querySelectorAll("form[action$='/sign-out']")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await Promise.race([forget().catch(() => {}), new Promise((done) => setTimeout(done, 2000))]);
      form.submit();
    });
  }
}
