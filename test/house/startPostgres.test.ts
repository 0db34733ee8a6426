import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { Client } from "pg";

import { startPostgres } from "../helpers/startPostgres.ts";

describe("startPostgres", () => {
  it("makes databases apart from each other, and keeps what was committed over a crash", async () => {
    const postgres = await startPostgres();
    try {
      const urls = [await postgres.createDatabase(), await postgres.createDatabase("named")];
      expect(urls[1]).to.match(/\/named$/);
      for (const url of urls) await query(url, "create table things (name text)");
      await query(urls[0], "insert into things values ('kept')");

      for (const mode of ["immediate", "fast"] as const) {
        await postgres.restart({ mode });
        expect(await query(urls[0], "select name from things"), mode).to.deep.equal([
          { name: "kept" },
        ]);
        expect(await query(urls[1], "select name from things"), mode).to.deep.equal([]);
      }
    } finally {
      await postgres.stop();
      await postgres.stop();
    }

    await expectRefused(postgres.url);
  });

  it("drops a database that is still in use", async () => {
    const postgres = await startPostgres({ fsync: false });
    try {
      const url = await postgres.createDatabase();
      const client = new Client({ connectionString: url });
      client.on("error", () => undefined);
      await client.connect();
      await postgres.dropDatabase(url);

      let code: unknown;
      await query(url, "select 1").catch((error: { code?: unknown }) => (code = error.code));
      expect(code).to.equal("3D000"); // no such database
    } finally {
      await postgres.stop();
    }
  });

  it("takes settings of the server", async () => {
    const postgres = await startPostgres({ fsync: false, settings: { work_mem: "12MB" } });
    try {
      const rows = await query(
        postgres.url,
        "select current_setting('fsync') as fsync, current_setting('work_mem') as work_mem",
      );
      expect(rows).to.deep.equal([{ fsync: "off", work_mem: "12MB" }]);
    } finally {
      await postgres.stop();
    }
  });

  it("says what the server said when it does not start", async () => {
    let message = "";
    await startPostgres({ settings: { shared_buffers: "no number" } }).catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.include("shared_buffers");
  });

  it("ends with the process that started it, even if that is killed", async () => {
    const helper = path.resolve(import.meta.dirname, "../helpers/startPostgres.ts");
    const program = `
      import { startPostgres } from ${JSON.stringify(helper)};
      const { url } = await startPostgres({ fsync: false });
      const { Client } = await import("pg");
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query("select current_setting('data_directory') as folder");
      process.stdout.write(JSON.stringify({ url, folder: rows[0].folder }));
      setInterval(() => {}, 1000);
    `;
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", program],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    const { url, folder } = JSON.parse(output.toString()) as { url: string; folder: string };
    expect(existsSync(path.dirname(folder))).to.equal(true);

    child.kill("SIGKILL");
    await once(child, "exit");
    for (let left = 500; existsSync(path.dirname(folder)) && left > 0; left--) await sleep(20);

    expect(existsSync(path.dirname(folder))).to.equal(false);
    await expectRefused(url);
  });
});

async function query(url: string | undefined, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function expectRefused(url: string): Promise<void> {
  let code: unknown;
  await query(url, "select 1").catch((error: { code?: unknown }) => (code = error.code));
  expect(code).to.equal("ECONNREFUSED");
}
