import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{client,react,console,test}/**/*.test.{ts,tsx}"],
    reporters: ["dot"],
  },
});
