export * from "../client/testing/fake-server.js";
