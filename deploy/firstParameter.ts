/** The only parameter of `eth_sendTransaction` and `eth_sendRawTransaction`, whose type the caller knows. */
export function firstParameter<Parameter>(
  params: readonly unknown[] | object | undefined,
): Parameter {
  if (!Array.isArray(params)) throw new TypeError("expected an array of parameters");
  return params[0] as Parameter; // both methods are defined with exactly this one
}
