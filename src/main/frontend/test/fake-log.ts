export * from "../client/testing/fake-log.js";
