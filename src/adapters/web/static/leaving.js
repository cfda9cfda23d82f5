// Who signs out leaves the browser to others, and who comes after somebody that did not: it shows them no messages but
// their own. Which browser it is goes along with the form, so that the server ends it too, whatever becomes of that here.
"use strict";

// As the server calls this browser.
async function named(subscription) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 32);
}

{
  const beside = new URL(".", document.currentScript.src).href;
  const form = document.querySelector("form[action$='/sign-out']");
  const registered = async () => navigator.serviceWorker?.getRegistration(beside);

  const noted = async () => {
    const subscription = await (await registered())?.pushManager?.getSubscription();
    form.elements.browser.value = subscription ? await named(subscription) : "";
    return subscription;
  };

  const forget = async () => {
    const subscription = await noted(), registration = await registered();
    localStorage.removeItem("push");
    for (const shown of await registration?.getNotifications() ?? []) shown.close();
    await subscription?.unsubscribe();
  };

  // Asked once for each person: what is not theirs was somebody's before.
  const look = async () => {
    if (!await noted()) return;
    const browser = form.elements.browser.value, seen = `${form.dataset.who} ${browser}`;
    if (localStorage.getItem("push") === seen) return;
    const answer = await fetch(new URL("../push", beside));
    if (answer.status !== 200) return;
    if ((await answer.json()).includes(browser)) localStorage.setItem("push", seen);
    else await forget();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.race([forget().catch(() => {}), new Promise((done) => setTimeout(done, 2000))]);
    form.submit();
  });
  look().catch(() => {});
}
