/** What an error of a contract means, and what to do about it. */
export interface ContractErrorEntry {
  /** One sentence: when the contract raises it. */
  readonly meaning: string;
  /** What to do. Ends up in the message of `ContractError`. */
  readonly hint: string;
  /** Whether the same call may succeed later without anybody changing it. Default false. */
  readonly retryable?: boolean;
}

/**
 * Every error of every contract, by name. `docs/errors.md` is generated from this table, and a test compares it with
 * the ABIs.
 */
export const CONTRACT_ERRORS: Readonly<Record<string, ContractErrorEntry>> = {
  AlreadyClaimed: {
    meaning: "The report was claimed already.",
    hint: "leave it out: areFeesClaimed and areProtocolFeesClaimed say what was claimed",
  },
  AlreadySpent: {
    meaning: "The withdrawal was claimed already.",
    hint: "nothing has to be done: its recipient has the tokens",
  },
  ArrayLengthMismatch: {
    meaning: "The arrays of one call differ in length.",
    hint: "pass one id (or key) for each payload (or value)",
  },
  BridgeCallFailed: {
    meaning: "The call of a withdrawal failed without saying why.",
    hint: "it can be claimed again later; trace the call for the reason",
  },
  DataTooLarge: {
    meaning: "A message to the appchain is longer than the inbox takes.",
    hint: "push fewer parameters at once",
  },
  ECDSAInvalidSignature: {
    meaning: "A signature belongs to nobody.",
    hint: "sign the digest again, with the key of the account that it is for",
  },
  ECDSAInvalidSignatureLength: {
    meaning: "A signature has the wrong length.",
    hint: "pass the 65 bytes r, s, v",
  },
  ECDSAInvalidSignatureS: {
    meaning:
      "A signature has its s in the upper half, which would allow a second signature for the same message.",
    hint: "sign with a library that makes low-s signatures, as viem and ethers do",
  },
  ERC1363ApproveFailed: {
    meaning: "The approval of an approveAndCall failed.",
    hint: "check the spender's address",
  },
  ERC1363InvalidReceiver: {
    meaning: "The receiver of a transferAndCall is no contract that takes tokens.",
    hint: "transfer to an account with transfer instead, or check the receiver's address",
  },
  ERC1363InvalidSpender: {
    meaning: "The spender of an approveAndCall is no contract that takes approvals.",
    hint: "approve with approve instead, or check the spender's address",
  },
  ERC1363TransferFailed: {
    meaning: "The transfer of a transferAndCall failed.",
    hint: "check balance and receiver",
  },
  ERC1363TransferFromFailed: {
    meaning: "The transfer of a transferFromAndCall failed.",
    hint: "check balance, allowance and receiver",
  },
  ERC20InsufficientAllowance: {
    meaning: "The owner has not approved the spender for that much.",
    hint: "approve the spender first, or use the variant with a permit",
  },
  ERC20InsufficientBalance: {
    meaning: "The account holds less than is to be moved.",
    hint: "fund the account, or move less",
  },
  ERC20InvalidApprover: {
    meaning: "The zero address cannot approve.",
    hint: "pass the owner's address",
  },
  ERC20InvalidReceiver: {
    meaning: "Tokens cannot go to the zero address.",
    hint: "pass the receiver's address",
  },
  ERC20InvalidSender: {
    meaning: "Tokens cannot come from the zero address.",
    hint: "pass the sender's address",
  },
  ERC20InvalidSpender: {
    meaning: "The zero address cannot be a spender.",
    hint: "pass the spender's address",
  },
  ERC2612ExpiredSignature: {
    meaning: "A permit is past its deadline.",
    hint: "sign a new permit with a later deadline",
  },
  ERC2612InvalidSigner: {
    meaning:
      "A permit was not signed by the owner, or not for this token, chain, spender, amount, nonce and deadline.",
    hint: "sign again with the token's eip712Domain() and the owner's current nonce",
  },
  ERC721IncorrectOwner: {
    meaning: "A transfer names an owner who does not own the node.",
    hint: "read the owner with ownerOf and pass it as the sender of the transfer",
  },
  ERC721InsufficientApproval: {
    meaning: "The caller neither owns the node nor is approved for it.",
    hint: "call from the owner's account, or have the owner approve the caller",
  },
  ERC721InvalidApprover: {
    meaning: "Only the owner of a node, or an operator for all of the owner's nodes, may approve.",
    hint: "approve from the owner's account",
  },
  ERC721InvalidOperator: {
    meaning: "The zero address cannot be an operator.",
    hint: "pass the operator's address",
  },
  ERC721InvalidOwner: {
    meaning: "The zero address owns no nodes.",
    hint: "pass the address of an account",
  },
  ERC721InvalidReceiver: {
    meaning: "The receiver is the zero address, or a contract that does not accept ERC-721 tokens.",
    hint: "transfer to an account or to a contract that implements onERC721Received",
  },
  ERC721InvalidSender: {
    meaning: "A token that exists cannot be minted again.",
    hint: "nothing a caller can do: node ids are assigned by the contract",
  },
  ERC721NonexistentToken: {
    meaning: "No node has this id.",
    hint: "list the nodes for valid ids: 100, 200, 300 and so on",
  },
  EmptyAdmins: {
    meaning: "A parameter registry cannot be initialised without an admin.",
    hint: "pass at least one admin address",
  },
  EmptyArray: {
    meaning: "A batch has no elements.",
    hint: "pass at least one payload",
  },
  EmptyCode: {
    meaning: "The implementation or migrator has no code at its address.",
    hint: "deploy it on this chain first, then set the parameter to its address",
  },
  EmptyImplementation: {
    meaning: "The implementation of a new proxy has no code.",
    hint: "deploy the implementation on this chain first and pass its address",
  },
  EmptyInitializeCallData: {
    meaning: "A new proxy would be left for anybody to initialise.",
    hint: "pass the call data of the initialiser",
  },
  EndIndexOutOfRange: {
    meaning: "The list of rates ends before the last entry that was asked for.",
    hint: "ask for at most getRatesCount() - fromIndex entries",
  },
  FailedToAddNodeToCanonicalNetwork: {
    meaning: "The set of canonical nodes refused a node. Cannot be reached; kept for bindings.",
    hint: "report this: the node registry is inconsistent",
  },
  FailedToRemoveNodeFromCanonicalNetwork: {
    meaning:
      "The set of canonical nodes did not hold a node. Cannot be reached; kept for bindings.",
    hint: "report this: the node registry is inconsistent",
  },
  FromIndexOutOfRange: {
    meaning: "The list of rates ends before the first entry that was asked for.",
    hint: "begin below getRatesCount()",
  },
  GasLimitTooLarge: {
    meaning: "The gas limit of a message to the appchain does not fit 64 bits.",
    hint: "allow less gas",
  },
  InitializationFailed: {
    meaning: "The initialiser of a new proxy reverted; the argument holds its revert data.",
    hint: "decode the argument with decodeError to see why",
  },
  InsufficientAmount: {
    meaning: "The tokens do not pay for the message to the appchain.",
    hint: "send at least calculateMinimumDeposit of the gateway, or allow less gas",
  },
  InsufficientBalance: {
    meaning: "The payer's balance is below the withdrawal.",
    hint: "withdraw at most the balance; a payer with a debt can withdraw nothing",
  },
  InsufficientDeposit: {
    meaning: "The deposit is below the least one.",
    hint: "deposit at least minimumDeposit() microdollars",
  },
  InsufficientSignatures: {
    meaning:
      "Fewer valid signatures came with a payer report than a majority of its nodes; the arguments are both numbers.",
    hint: "collect more signatures of the digest; each must be of a canonical node, with v 27 or 28",
  },
  InvalidAccountNonce: {
    meaning: "The nonce of a signature is not the account's next.",
    hint: "sign again with nonces(account)",
  },
  InvalidBitCount32Input: {
    meaning: "A proof speaks of a Merkle tree with more than 2^32 - 1 leaves.",
    hint: "pass the number of leaves as the first word of the proof",
  },
  InvalidFeeTokenDecimals: {
    meaning: "The fee token has more than 18 decimals.",
    hint: "bridge a token with at most 18",
  },
  InvalidHttpAddress: {
    meaning: "The HTTP address of a node is empty.",
    hint: "pass a URL such as https://node.example",
  },
  InvalidInitialization: {
    meaning: "The contract is initialised already, or is an implementation, which never can be.",
    hint: "nothing to do on a proxy that is set up; otherwise call the proxy, not the implementation",
  },
  InvalidLeafCount: {
    meaning: "A proof speaks of a Merkle tree with more than 2^32 - 1 leaves.",
    hint: "pass the number of leaves as the first word of the proof",
  },
  InvalidMaxPayloadSize: {
    meaning: "The maximum payload size is above 262,144 bytes or below the minimum in force.",
    hint: "set the maxPayloadSize parameter between the minimum in force and 262144, then update again",
  },
  InvalidMinPayloadSize: {
    meaning: "The minimum payload size is below 1 byte or above the maximum in force.",
    hint: "set the minPayloadSize parameter between 1 and the maximum in force; when both grow, update the maximum first",
  },
  InvalidOwner: {
    meaning: "A node cannot be owned by the zero address.",
    hint: "pass the address that is to own the node",
  },
  InvalidPayloadSize: {
    meaning:
      "The payload is shorter or longer than allowed; the arguments are its size, the minimum and the maximum in bytes.",
    hint: "send a payload of a size within the limits",
  },
  InvalidProof: {
    meaning: "The leaves are not the next ones of the report.",
    hint: "read the offset of the report, and prove the leaves from there on; somebody else may have settled some",
  },
  InvalidProtocolFeeRate: {
    meaning: "The protocol's part of the fees is above 10,000 basis points.",
    hint: "set payerReportManager.protocolFeeRate to at most 10000",
  },
  InvalidSequenceIds: {
    meaning: "A payer report ends before it begins.",
    hint: "pass an end that is not below the start",
  },
  InvalidSigningPublicKey: {
    meaning: "The signing key of a node is not 65 bytes starting with 0x04.",
    hint: "pass the uncompressed secp256k1 public key",
  },
  InvalidStartSequenceId: {
    meaning:
      "A payer report does not begin where the originator's last one ends; the arguments are both sequence ids.",
    hint: "drop the report and make one that begins there; another was submitted in the meantime",
  },
  InvalidStartTime: {
    meaning: "New rates would not start after the last ones.",
    hint: "set rateRegistry.ratesInEffectAfter to a later time, together with the prices",
  },
  InvalidURI: {
    meaning: "The base URI is empty or does not end in a slash.",
    hint: "pass a URI that ends in /",
  },
  MaxCanonicalNodesBelowCurrentCount: {
    meaning: "The new maximum of canonical nodes is below the number of canonical nodes.",
    hint: "remove nodes from the network first, or set a higher xmtp.nodeRegistry.maxCanonicalNodes",
  },
  MaxCanonicalNodesReached: {
    meaning: "The network has as many canonical nodes as it may have.",
    hint: "remove a node first, or raise xmtp.nodeRegistry.maxCanonicalNodes and call updateMaxCanonicalNodes",
  },
  MaxNodesReached: {
    meaning: "All node ids are used up.",
    hint: "no further node can be registered in this registry",
  },
  MigrationFailed: {
    meaning: "The migrator reverted; the arguments are its address and its revert data.",
    hint: "decode the second argument with decodeError, fix or replace the migrator, and set the parameter again",
  },
  NoChainIds: {
    meaning: "Parameters are sent to no appchain.",
    hint: "name at least one",
  },
  NoChange: {
    meaning: "The contract holds this value already.",
    hint: "nothing to do",
  },
  NoExcess: {
    meaning: "The escrow holds nothing beyond what payers can withdraw.",
    hint: "settle usage first; nothing is lost",
    retryable: true,
  },
  NoFeesOwed: {
    meaning: "Nothing is booked that could be withdrawn.",
    hint: "claim settled reports first",
  },
  NoKeyComponents: {
    meaning: "A parameter key was to be built from no parts.",
    hint: "pass at least one key component",
  },
  NoKeys: {
    meaning: "No parameter key was given.",
    hint: "pass at least one key",
  },
  NoLeaves: {
    meaning: "No leaves were given to settle.",
    hint: "pass at least one leaf",
  },
  NoPendingWithdrawal: {
    meaning: "The payer has not requested a withdrawal.",
    hint: "request a withdrawal first",
  },
  NoProofElements: {
    meaning: "The proof is empty; its first word is the number of leaves.",
    hint: "pass the proof that belongs to the leaves",
  },
  NoReportsForOriginator: {
    meaning: "The originator has no payer reports.",
    hint: "check the id of the originator",
  },
  NoTicketWithID: {
    meaning:
      "There is no such ticket: its call has succeeded, it was cancelled or has expired, or it never was.",
    hint: "read what has become of it with readTickets",
  },
  NodeIdAtIndexMismatch: {
    meaning:
      "A payer report names another node than the canonical one; the arguments are the expected id, the given one, and its index.",
    hint: "make the report, and collect signatures, with the nodes that are canonical now",
  },
  NodeIdsLengthMismatch: {
    meaning:
      "A payer report names another number of nodes than are canonical; the arguments are both numbers.",
    hint: "make the report, and collect signatures, with the nodes that are canonical now",
  },
  NotAdmin: {
    meaning: "Only an admin may do this.",
    hint: "call from an admin account; a registry's admins are in its isAdmin parameters, the node admin in xmtp.nodeRegistry.admin",
  },
  NotFeeToken: {
    meaning: "Only the fee token may say that tokens were received.",
    hint: "call transferAndCall on the fee token instead",
  },
  NotInPayerReport: {
    meaning: "The report does not name the node, which gets no share of it.",
    hint: "claim only reports that list the node",
  },
  NotInitializing: {
    meaning: "An initialiser ran outside the initialisation.",
    hint: "nothing a caller can do: call initialize() on the proxy",
  },
  NotNodeOwner: {
    meaning: "Only the owner of the node may change its HTTP address.",
    hint: "call from the account that owns the node (ownerOf)",
  },
  NotPaused: {
    meaning: "Bootstrapping is only possible while the contract is paused.",
    hint: "set the contract's paused parameter to true and call updatePauseStatus first",
  },
  NotPayloadBootstrapper: {
    meaning: "Only the payload bootstrapper may bootstrap payloads.",
    hint: "call from the account in the contract's payloadBootstrapper parameter",
  },
  NotSettlementChainGateway: {
    meaning:
      "Parameters came to the appchain from somebody else than the settlement chain's gateway.",
    hint: "push them through the gateway of the settlement chain",
  },
  NotSettler: {
    meaning: "Only the settler may settle usage.",
    hint: "settle through the payer reports contract",
  },
  ParameterOutOfTypeBounds: {
    meaning: "A parameter in the registry does not fit its type.",
    hint: "set the parameter to a value that fits (bool: 0 or 1; uintN: below 2^N; address: 20 bytes), then update again",
  },
  Paused: {
    meaning: "The contract is paused.",
    hint: "try again once it is unpaused",
    retryable: true,
  },
  PayerFeesLengthTooLong: {
    meaning: "Too many leaves. Cannot be reached; kept for bindings.",
    hint: "settle fewer leaves at a time",
  },
  PayerInDebt: {
    meaning: "More usage was settled than the payer paid for, so no withdrawal is paid.",
    hint: "deposit at least the debt, or cancel the withdrawal, which repays it",
  },
  PayerReportAlreadySubmitted: {
    meaning: "This payer report was submitted already.",
    hint: "nothing to do",
  },
  PayerReportEntirelySettled: {
    meaning: "All leaves of the payer report are settled.",
    hint: "nothing to do",
  },
  PayerReportIndexOutOfBounds: {
    meaning: "The originator has no payer report with this index.",
    hint: "take the index from the event of the submission",
  },
  PayerReportNotSettled: {
    meaning: "Not all leaves of the report are settled.",
    hint: "settle the rest of the report first",
    retryable: true,
  },
  PendingWithdrawalExists: {
    meaning: "The payer has requested a withdrawal already.",
    hint: "finalize or cancel it first",
  },
  ProxyExists: {
    meaning: "There is a contract at the address already.",
    hint: "use the proxy that is there, or another salt",
  },
  RetryableData: {
    meaning:
      "The gas limit or the fee of a message to the appchain is 1, which the inbox takes for a mistake.",
    hint: "pass both, or neither, for an estimate",
  },
  SafeCastOverflowedUintDowncast: {
    meaning: "A number is too large for its type.",
    hint: "pass a smaller amount: the escrow counts in 96 bits",
  },
  SafeERC20FailedOperation: {
    meaning: "The token said that it did not move.",
    hint: "check balance and allowance of the token",
  },
  SequenceIdTooLarge: {
    meaning: "A bootstrap names a sequence id so large that the ids would run out.",
    hint: "pass the sequence ids of the payloads as they were first published",
  },
  StringsInsufficientHexLength: {
    meaning:
      "A number does not fit the hexadecimal text it was to be written to. Cannot be reached; kept for bindings.",
    hint: "report this: the parameter registry is inconsistent",
  },
  TooManyNodeSets: {
    meaning: "The set of canonical nodes has changed too often.",
    hint: "migrate the contract to an implementation with room for more sets",
  },
  TransferFailed: {
    meaning:
      "The underlying token could not be paid out, or an account of the appchain refuses native currency.",
    hint: "try again later, or name another recipient; if the token is frozen for the contract, nothing a caller can do",
  },
  TransferFromFailed: {
    meaning: "The underlying token could not be taken, or has not arrived.",
    hint: "check the caller's balance, and its approval for the contract that was called",
  },
  UnexpectedImplementation: {
    meaning: "The proxy does not have the implementation that the migrator starts from.",
    hint: "deploy a migrator whose fromImplementation is the proxy's implementation()",
  },
  UnknownRoot: {
    meaning:
      "The settlement chain has not confirmed the root that the proof of a withdrawal leads to.",
    hint: "take the proof for the number of withdrawals that is confirmed",
  },
  UnorderedNodeIds: {
    meaning: "Ids of nodes do not ascend, in a payer report or with its signatures.",
    hint: "sort the ids and the signatures by id, and name none twice",
  },
  UnsupportedChainId: {
    meaning: "The gateway knows no inbox of the appchain.",
    hint: "check the chain id; set the inbox's parameter, then call updateInbox",
  },
  WithdrawLockPeriodTooHigh: {
    meaning: "The lock of withdrawals is above seven days.",
    hint: "set payerRegistry.withdrawLockPeriod to at most 604800 seconds",
  },
  WithdrawalNotReady: {
    meaning: "The lock of the withdrawal is not over.",
    hint: "finalize it once the withdrawable timestamp has passed",
    retryable: true,
  },
  ZeroAdmin: {
    meaning: "The zero address cannot be an admin.",
    hint: "pass the address of an account, or set the admin parameter before updating",
  },
  ZeroAmount: {
    meaning: "Nothing cannot be wrapped or unwrapped.",
    hint: "pass an amount above zero",
  },
  ZeroAppChainGateway: {
    meaning: "The appchain's gateway is the zero address.",
    hint: "pass its address",
  },
  ZeroAppChainId: {
    meaning: "A splitter needs the id of its appchain.",
    hint: "pass the chain id of the appchain",
  },
  ZeroAvailableBalance: {
    meaning: "Something is owed, but payers have not paid it yet.",
    hint: "try again when payers have deposited",
    retryable: true,
  },
  ZeroBalance: {
    meaning: "There are no tokens to recover.",
    hint: "nothing has to be done",
  },
  ZeroCount: {
    meaning: "No rates were asked for.",
    hint: "ask for at least one",
  },
  ZeroFeeDistributor: {
    meaning: "No fee distributor is set.",
    hint: "set payerRegistry.feeDistributor to the contract of the rewards, and apply it",
  },
  ZeroFeeToken: {
    meaning: "The contract needs the fee token.",
    hint: "pass the address of the fee token's proxy",
  },
  ZeroFromImplementation: {
    meaning: "A migrator needs the implementation to start from.",
    hint: "pass the proxy's implementation()",
  },
  ZeroMigrator: {
    meaning: "No migrator is set for the contract.",
    hint: "set the contract's migrator parameter to the address of a migrator first",
  },
  ZeroMinimumDeposit: {
    meaning: "The least deposit cannot be zero.",
    hint: "set payerRegistry.minimumDeposit to an amount above zero",
  },
  ZeroNodeRegistry: {
    meaning: "The contract needs the node registry.",
    hint: "pass the address of its proxy",
  },
  ZeroParameterRegistry: {
    meaning: "The contract needs a parameter registry.",
    hint: "pass the address of the chain's parameter registry",
  },
  ZeroPayer: {
    meaning: "A deposit names no payer.",
    hint: "pass the payer's address",
  },
  ZeroPayerRegistry: {
    meaning: "The contract needs the escrow of the payers.",
    hint: "pass the address of its proxy",
  },
  ZeroPayerReportManager: {
    meaning: "The contract needs the payer reports.",
    hint: "pass the address of their proxy",
  },
  ZeroPayloadBootstrapper: {
    meaning: "The zero address cannot be the payload bootstrapper.",
    hint: "set the contract's payloadBootstrapper parameter to an account first",
  },
  ZeroProtocolFeeRecipient: {
    meaning: "Nobody is set to receive the protocol's fees.",
    hint: "set distributionManager.protocolFeesRecipient, and apply it",
  },
  ZeroRecipient: {
    meaning: "Tokens would go to the zero address.",
    hint: "pass the recipient's address",
  },
  ZeroSettlementChainGateway: {
    meaning: "The contract needs the gateway of the settlement chain.",
    hint: "pass the address of its proxy",
  },
  ZeroSettler: {
    meaning: "No settler is set.",
    hint: "set payerRegistry.settler to the contract of the payer reports",
  },
  ZeroToImplementation: {
    meaning: "A migrator needs the implementation to go to.",
    hint: "pass the address of the new implementation",
  },
  ZeroTotalAmount: {
    meaning: "Both amounts of a split deposit are zero.",
    hint: "pass at least one amount above zero",
  },
  ZeroUnderlying: {
    meaning: "A fee token needs an underlying token.",
    hint: "pass the address of the underlying token",
  },
  ZeroWithdrawalAmount: {
    meaning: "A withdrawal of nothing was requested, or of less than a unit of the token.",
    hint: "request an amount above zero",
  },
};
