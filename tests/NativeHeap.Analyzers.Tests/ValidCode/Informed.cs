// Correct programs of which the rules are not sure: conditions that belong together, room that was made ahead, elements that are known to be the last. What they raise, at Info and never above, is counted in
// Informations.md, with the reason of each.
#nullable enable

namespace Valid.Informed
{
    [NativeAllocated]
    public unsafe partial struct Packet
    {
        public Packet* Next;
        public int Length;
        public int Port;
    }

    public static unsafe class Flags
    {
        // Allocated and freed under the same flag.
        public static int UnderOneFlag(bool large, int length)
        {
            byte small = 0;
            byte* buffer = &small;
            if (large)
            {
                buffer = (byte*)HeapMemory.Alloc((nuint)length);
            }

            buffer[0] = 1;
            int first = buffer[0];
            if (large)
            {
                HeapMemory.Free(buffer);
            }

            return first;
        }

        // Freed early, and then not again, by the same flag.
        public static void FreedEarly(Packet* packet, bool early)
        {
            if (early)
            {
                Packet.Free(packet);
            }

            if (!early)
            {
                packet->Length = 0;
                Packet.Free(packet);
            }
        }

        // A retry: what is allocated in a round is freed by the next, or after the last.
        public static int Retry(int times)
        {
            Packet* packet = null;
            bool sent = false;
            for (int i = 0; i < times && !sent; i++)
            {
                packet = Packet.Alloc();
                packet->Port = i;
                sent = packet->Port == 80;
                if (!sent)
                {
                    Packet.Free(packet);
                }
            }

            if (!sent)
            {
                return -1;
            }

            int port = packet->Port;
            Packet.Free(packet);
            return port;
        }
    }

    public static class Room
    {
        // Room for what is added was made ahead, so nothing moves.
        public static int Reserved(NativeList<int> list)
        {
            list.EnsureCapacity(list.Count + 2);
            list.Add(1);
            ref int first = ref list[0];
            list.Add(2);
            return first++;
        }

        // A value of a key that is there already.
        public static void Twice(NativeDictionary<int, long> counts, int a, int b)
        {
            counts.EnsureCapacity(counts.Count + 2);
            ref long x = ref counts.GetValueRefOrAddDefault(a, out _);
            ref long y = ref counts.GetValueRefOrAddDefault(b, out _);
            (x, y) = (y, x);
        }

        // Removing from the end on leaves what is before it where it is.
        public static int FromTheEnd(NativeList<int> list)
        {
            Span<int> all = list.AsSpan();
            int sum = 0;
            for (int i = all.Length - 1; i >= 0; i--)
            {
                sum += all[i];
                list.RemoveAt(i);
            }

            return sum;
        }

        // The loop ends with the round in which it removes, by a flag.
        public static bool RemoveFirst(NativeTable<Packet> table, int port)
        {
            bool found = false;
            foreach (var entry in table)
            {
                if (!found && entry.Value.Port == port)
                {
                    found = table.Remove(entry.Handle);
                    if (found)
                    {
                        break;
                    }
                }
            }

            return found;
        }
    }
}
