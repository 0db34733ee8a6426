/**
 * Puts the phrase of geth in front of an EDR error text that means the same.
 *
 * Node software recognises `eth_sendRawTransaction` errors by fixed, case-sensitive words; EDR has words of its own.
 * Nothing is hidden: the original text follows the phrase.
 */
export function nodeErrorText(message: string): string {
  const phrase = PHRASES.find(({ edr }) => edr.test(message))?.geth;
  if (phrase === undefined || message.includes(phrase)) return message;
  return `${phrase}: ${message}`;
}

const PHRASES = [
  { edr: /nonce too low/i, geth: "nonce too low" },
  { edr: /nonce too high/i, geth: "nonce too high" },
  { edr: /^known transaction/i, geth: "already known" },
  { edr: /^replacement transaction underpriced/i, geth: "replacement transaction underpriced" },
  { edr: /doesn't have enough funds/i, geth: "insufficient funds for gas * price + value" },
];
