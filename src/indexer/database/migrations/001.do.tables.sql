-- What is on the chains, as it is. Every row is there exactly once, and goes when its block is undone.
--
-- `position` orders the events of a chain: (number of the block) * 2^20 + (index of the log in the block).

create table chains (
  name            text    primary key check (name in ('settlement', 'appchain')),
  chain_id        bigint  not null,
  genesis_hash    bytea   not null,
  -- Address of each contract by its name in the address book: a database belongs to one network.
  contracts       jsonb   not null,
  from_block      bigint  not null,
  -- Every event of a lower block is stored.
  next_block      bigint  not null,
  -- What is here or below never changes again.
  finalized_block bigint  not null,
  -- The newest block that was seen.
  head_block      bigint  not null,
  reorgs          bigint  not null default 0,
  -- Whether the end was ever reached.
  is_caught_up    boolean not null default false,
  updated_at      timestamptz not null default now()
);

-- Blocks with events, and all above the finalized one.
create table blocks (
  chain       text        not null,
  number      bigint      not null,
  hash        bytea       not null,
  parent_hash bytea       not null,
  timestamp   timestamptz not null,
  primary key (chain, number)
);

-- Blocks that were stored and are no longer part of their chain: whoever read them is told how far to go back.
create table undone_blocks (
  chain     text        not null,
  hash      bytea       not null,
  number    bigint      not null,
  -- The last block before the reorganisation that stayed.
  ancestor  bigint      not null,
  undone_at timestamptz not null default now(),
  primary key (chain, hash)
);

create table group_messages (
  position         bigint not null,
  sequence_id      bigint not null,
  group_id         bytea  not null,
  message          bytea  not null,
  transaction_hash bytea  not null,
  primary key (position)
) partition by range (position);

create table identity_updates (
  position         bigint not null,
  sequence_id      bigint not null,
  inbox_id         bytea  not null,
  update           bytea  not null,
  transaction_hash bytea  not null,
  primary key (position)
) partition by range (position);

-- The partitions of the two logs, about a million rows each, with indexes by sequence id and by group or inbox. While
-- old blocks are caught up with, the newest one gets its indexes when it is full. Old ones may be detached.
create table partitions (
  parent     text   not null,
  name       text   primary key,
  from_block bigint not null,
  -- The first block that no longer belongs to it.
  to_block   bigint not null,
  is_indexed boolean not null
);

-- Every other event of our contracts on both chains; the views below show them by kind.
create table events (
  chain            text   not null,
  position         bigint not null,
  -- Its name in the address book.
  contract         text   not null,
  -- As in the contract's interface.
  name             text   not null,
  -- By name: integers as decimal strings if they may be beyond 2^53, bytes and addresses as lowercase hex with 0x.
  args             jsonb  not null,
  transaction_hash bytea  not null,
  primary key (chain, position)
);
create index on events (contract, name, position);
create index on events ((args->>'payer'), position) where args ? 'payer';

-- How far what is derived from the logs has come.
create table projections (
  name     text   primary key,
  -- Everything up to here is in it.
  position bigint not null
);

-- What the identity updates mean. Rows have the position that made them, and the one that ended them, so that undoing
-- blocks is the same everywhere: forget what began later, and take back what ended later.

create table identity_verdicts (
  position    bigint primary key,
  sequence_id bigint not null,
  inbox_id    bytea  not null,
  outcome     text   not null check (outcome in ('accepted', 'rejected', 'undecided')),
  -- Why not, by name and in words.
  error       text,
  detail      text,
  -- What is worth a look although the rules allow it.
  flags       text[] not null default '{}'
);
create index on identity_verdicts (inbox_id, position);
create index on identity_verdicts (position) where outcome = 'undecided';

create table inbox_members (
  inbox_id            bytea  not null,
  kind                text   not null check (kind in ('ethereum', 'installation', 'passkey')),
  -- As carried: address text, or lowercase hex of a key.
  identifier          text   not null,
  from_position       bigint not null,
  to_position         bigint,
  -- Since when it has been a member without a break, and until when.
  since_sequence_id   bigint not null,
  until_sequence_id   bigint,
  added_by_kind       text,
  added_by            text,
  client_timestamp_ns numeric(20),
  chain_id            numeric(20),
  primary key (inbox_id, kind, identifier, from_position)
);
create index on inbox_members (identifier, since_sequence_id desc) where to_position is null;
create index on inbox_members (from_position);
create index on inbox_members (to_position) where to_position is not null;

create table inbox_recoveries (
  inbox_id      bytea  not null,
  from_position bigint not null,
  kind          text   not null check (kind in ('ethereum', 'passkey')),
  identifier    text   not null,
  primary key (inbox_id, from_position)
);
create index on inbox_recoveries (from_position);

create table inbox_signatures (
  inbox_id  bytea  not null,
  -- SHA-256 of what a signature is in the set of used ones.
  digest    bytea  not null,
  position  bigint not null,
  primary key (inbox_id, digest)
);
create index on inbox_signatures (position);

-- Answers of chains about contract wallets, which are asked once.
create table contract_wallet_answers (
  account_id   text        not null,
  block_number numeric(20) not null,
  hash         bytea       not null,
  -- SHA-256 of the signature.
  digest       bytea       not null,
  is_valid     boolean     not null,
  primary key (account_id, block_number, hash, digest)
);
