const URL_PATTERN = /\b[a-z][a-z\d+.-]*:\/\/[^\s"'<>`,;)]+/giu;

/**
 * Masks what may be secret in every URL of a text: user name and password, the query, and path segments of 16 and more
 * characters (hosted nodes carry the API key there).
 *
 * @example
 * stripCredentials("https://user:secret@node.example/v2/0123456789abcdef0123?x=1");
 * // "https://node.example/v2/***?***"
 */
export function stripCredentials(text: string): string {
  return text.replace(URL_PATTERN, (match) => {
    if (!URL.canParse(match)) return `${match.slice(0, match.indexOf("://"))}://***`;

    const url = new URL(match);
    const path = url.pathname.replace(/\/[^/]{16,}/gu, "/***");
    const ending = path === "/" && !match.endsWith("/") ? "" : path;

    return `${url.protocol}//${url.host}${ending}${url.search === "" ? "" : "?***"}`;
  });
}
