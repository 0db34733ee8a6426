import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { renderErrorDocs } from "../src/errors/renderErrorDocs.ts";

/** Writes `docs/errors.md` from the error catalogues. Run it after changing them. */
await writeFile(fileURLToPath(new URL("../docs/errors.md", import.meta.url)), renderErrorDocs());
