import type { NetworkConnection } from "hardhat/types/network";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { nodeErrorText } from "./nodeErrorText.ts";

/**
 * A Hardhat plugin that hands out each new connection, which `createServer` keeps to itself, and that words the errors
 * of `eth_send*` as geth does.
 */
export function devnetPlugin(
  onConnection: (connection: NetworkConnection<string>) => void,
): HardhatPlugin {
  return {
    id: "xmtp-devnet",
    hookHandlers: {
      network: async () => ({
        default: async () => ({
          newConnection: async (context, next) => {
            const connection = await next(context);
            onConnection(connection);
            return connection;
          },
          onRequest: async (context, connection, request, next) => {
            try {
              return await next(context, connection, request);
            } catch (error) {
              if (request.method.startsWith("eth_send") && error instanceof Error) {
                error.message = nodeErrorText(error.message);
              }
              throw error;
            }
          },
        }),
      }),
    },
  };
}
