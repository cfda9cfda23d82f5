// Shows the messages that are pushed to this browser. It keeps nothing and answers for no page.
"use strict";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  const said = event.data.json(), lang = navigator.language.startsWith("ko") ? "ko" : "en";
  event.waitUntil(self.registration.showNotification(said.title[lang], {
    body: said.body[lang], lang, tag: said.tag, data: about(said),
  }));
});

// The page of what it tells of, beside which this file is served.
function about(said) {
  if (said.for === "customer" && said.bookId) return `../bookings/${said.bookId}`;
  if (said.for === "organizer" && said.ticketId) return `../organizer/tickets/${said.ticketId}`;
  return "../messages";
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(new URL(event.notification.data, self.registration.scope)));
});
