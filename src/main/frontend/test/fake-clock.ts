export * from "../client/testing/fake-clock.js";
