/** A mistake in a Markdown file. */
export interface Mistake {
  readonly line: number;
  readonly message: string;
}

/** Something of a Markdown file, and the line (from 1) where it stands. */
export interface Located {
  readonly text: string;
  readonly line: number;
}

export interface MarkdownParts {
  /** Targets of links and images. */
  readonly links: readonly Located[];
  /** What stands in single backticks. */
  readonly inlineCode: readonly Located[];
  /** Blocks fenced as `ts`; the line is that of the first line of code. */
  readonly samples: readonly Located[];
  /** Anchors of the headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

/** Takes a Markdown text apart. Fenced blocks hold no links, headings or inline code. */
export function parseMarkdown(text: string): MarkdownParts {
  const links: Located[] = [];
  const inlineCode: Located[] = [];
  const samples: Located[] = [];
  const anchors = new Set<string>();
  let fence: { mark: string; language: string; start: number; code: string[] } | undefined;

  for (const [index, row] of text.split("\n").entries()) {
    const [, mark, language = ""] = /^\s*(`{3,}|~{3,})(\S*)/.exec(row) ?? [];

    if (fence !== undefined) {
      if (mark === undefined || !mark.startsWith(fence.mark) || language !== "")
        fence.code.push(row);
      else {
        if (fence.language === "ts")
          samples.push({ text: fence.code.join("\n"), line: fence.start });
        fence = undefined;
      }
      continue;
    }
    if (mark !== undefined) {
      fence = { mark, language, start: index + 2, code: [] };
      continue;
    }

    const line = index + 1;
    const heading = /^#{1,6}\s+(.*?)\s*$/.exec(row)?.[1];
    if (heading !== undefined) anchors.add(anchorOf(heading));
    for (const [, code = ""] of row.matchAll(/`([^`]+)`/g)) inlineCode.push({ text: code, line });
    for (const [, target = ""] of withoutCode(row).matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
      links.push({ text: target, line });
    }
  }

  return { links, inlineCode, samples, anchors };
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** Backticks inside a link's text stay: only the code itself must not look like a link. */
function withoutCode(row: string): string {
  return row.replaceAll(/`[^`]*`/g, "code");
}
