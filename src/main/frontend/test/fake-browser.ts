export * from "../client/testing/fake-browser.js";
