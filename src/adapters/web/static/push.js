// Has the browser show messages by itself, or no more. Without this, or where a browser cannot, the form stays hidden.
"use strict";

const form = document.querySelector("form[data-push]");

function bytes(base64url) {
  const base64 = base64url.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function ofThisServer(subscription) {
  const theirs = new Uint8Array(subscription.options.applicationServerKey || []), ours = bytes(form.dataset.push);
  return theirs.length === ours.length && theirs.every((byte, at) => byte === ours[at]);
}

async function send(what, value) {
  const body = new URLSearchParams({ form: form.elements.form.value, [what]: value });
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

// Until then there is nothing to subscribe with.
function active(registration) {
  const worker = registration.active || registration.waiting || registration.installing;
  const over = () => ["activated", "redundant"].includes(worker.state);
  return new Promise((done) => over() ? done() : worker.addEventListener("statechange", () => over() && done()));
}

async function on(registration, before) {
  if (await Notification.requestPermission() !== "granted") return form.dataset.denied;
  if (before && !ofThisServer(before)) await before.unsubscribe();
  await active(registration);
  const asked = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
  await send("on", JSON.stringify(await registration.pushManager.subscribe(asked)));
  return "";
}

async function off(subscription) {
  await send("off", await named(subscription));
  await subscription.unsubscribe();
  return "";
}

async function offer() {
  const registration = await navigator.serviceWorker.register(form.dataset.worker);
  const subscription = await registration.pushManager.getSubscription();
  const known = form.dataset.known.split(" ");
  const told = subscription && ofThisServer(subscription) && known.includes(await named(subscription));
  const button = form.querySelector("button"), status = form.querySelector("[role=status]");
  button.textContent = told ? form.dataset.off : form.dataset.on;
  button.disabled = false;
  form.hidden = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      status.textContent = await (told ? off(subscription) : on(registration, subscription));
    } catch {
      status.textContent = form.dataset.failed;
    }
    if (status.textContent) button.disabled = false;
    else location.reload();
  };
}

if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) offer().catch(() => {});
