import { fromBinary, toBinary, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/**
 * The same message in other bytes: fields in the opposite order, but for those of one number, and an unknown field in
 * every message.
 */
export function reencode(schema: DescMessage, bytes: Uint8Array): Uint8Array {
  // Through the library once, so that nothing but well-formed messages gets here.
  const reader = new BinaryReader(toBinary(schema, fromBinary(schema, bytes)));
  const byField = new Map<number, { wireType: WireType; data: Uint8Array }[]>();
  while (reader.pos < reader.len) {
    const [fieldNumber, wireType] = reader.tag();
    const field = schema.fields.find(({ number }) => number === fieldNumber);
    const data = isLengthDelimited(wireType)
      ? reencodeField(field, reader.bytes())
      : reader.skip(wireType, fieldNumber);
    byField.set(fieldNumber, [...(byField.get(fieldNumber) ?? []), { wireType, data }]);
  }

  const writer = new BinaryWriter();
  writer.tag(536_870_911, WireType.Varint).uint32(7);
  for (const [fieldNumber, values] of [...byField].reverse()) {
    for (const { wireType, data } of values) {
      writer.tag(fieldNumber, wireType);
      if (isLengthDelimited(wireType)) writer.bytes(data);
      else writer.raw(data);
    }
  }

  return writer.finish();
}

function reencodeField(field: DescField | undefined, data: Uint8Array): Uint8Array {
  return field?.message === undefined ? data : reencode(field.message, data);
}

function isLengthDelimited(wireType: WireType): boolean {
  return wireType === WireType.LengthDelimited;
}
