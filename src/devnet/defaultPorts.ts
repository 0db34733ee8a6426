/** TCP ports that `npm start` takes where they are free, and that the command line looks for a devnet on. */
export const DEFAULT_SETTLEMENT_PORT = 8545;
export const DEFAULT_APPCHAIN_PORT = 8546;
