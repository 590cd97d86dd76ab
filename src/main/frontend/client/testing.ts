export { FakeBrowser, FakeTab } from "./testing/fake-browser.js";
export { FakeClock } from "./testing/fake-clock.js";
export { FakeLog, type Frame, frameOf } from "./testing/fake-log.js";
export { FakeEventSource, FakeServer } from "./testing/fake-server.js";
