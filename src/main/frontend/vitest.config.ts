import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{client,react,console,test}/**/*.test.{ts,tsx}"],
    reporters: ["dot"],
    // Nothing here waits for real time; a machine that is busy with other things may still be slow.
    testTimeout: 30_000,
  },
});
