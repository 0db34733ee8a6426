import { Hono } from "hono";
import { count } from "ponder";
import { db } from "ponder:api";
import { message } from "ponder:schema";

const app = new Hono();

app.get("/count", async (context) => {
  const [row] = await db.select({ rows: count() }).from(message);
  return context.json({ rows: row?.rows ?? 0 });
});

export default app;
