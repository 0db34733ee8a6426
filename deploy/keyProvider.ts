import { createWalletClient, http, type Hex, type RpcTransactionRequest } from "viem";

import { parsePrivateKey } from "../src/inputs/parsePrivateKey.ts";
import { parseHttpUrl } from "../src/inputs/parseUrl.ts";
import type { Eip1193Provider } from "./chainConnection.ts";
import { firstParameter } from "./firstParameter.ts";

/**
 * An EIP-1193 provider for an RPC endpoint that holds no keys: transactions are signed here.
 *
 * @param privateKey never leaves this process
 */
export function keyProvider({
  url,
  privateKey,
}: {
  readonly url: string;
  readonly privateKey: string;
}): Eip1193Provider {
  const account = parsePrivateKey(privateKey);
  const transport = http(parseHttpUrl(url), { retryCount: 0 });
  const rpc = transport({});
  const client = createWalletClient({ account, transport });

  const sendTransaction = async (request: RpcTransactionRequest): Promise<Hex> => {
    const big = (value: Hex | undefined) => (value === undefined ? undefined : BigInt(value));
    const fees =
      request.gasPrice === undefined
        ? {
            maxFeePerGas: big(request.maxFeePerGas),
            maxPriorityFeePerGas: big(request.maxPriorityFeePerGas),
          }
        : { gasPrice: big(request.gasPrice) };
    return client.sendTransaction({
      chain: null,
      to: request.to,
      data: request.data,
      value: big(request.value),
      gas: big(request.gas),
      nonce: request.nonce === undefined ? undefined : Number(request.nonce),
      ...fees,
    });
  };

  return {
    request: async ({ method, params }) => {
      if (method === "eth_accounts") return [account.address];
      if (method === "eth_sendTransaction") return sendTransaction(firstParameter(params));
      return rpc.request({ method, params });
    },
  };
}
