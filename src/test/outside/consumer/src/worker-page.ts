import { clientWithWorker } from "./browser-client/client-with-worker.js";

// This page is secure, so the client would share by locks.
const client = clientWithWorker({ sharing: "worker" });
client.store.subscribe(({ status, sharing }) => {
  document.body.textContent = `${status} by ${sharing}`;
});
client.connect();
