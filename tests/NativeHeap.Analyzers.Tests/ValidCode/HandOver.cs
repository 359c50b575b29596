// Objects handed over in all the ways that a signature has: by return, out, ref, constructor, collection, delegate, tuple, interface.
#nullable enable

namespace Valid.HandOver
{
    [NativeAllocated]
    public unsafe partial struct Packet
    {
        public Packet* Next;
        public int Length;
        public fixed byte Bytes[1024];
    }

    [NativeAllocated]
    public partial struct Session
    {
        public long Id;
        public long LastSeen;
    }

    public interface IPacketSink
    {
        unsafe void Accept([TakesOwnership] Packet* packet);

        unsafe int Peek([Borrowed] Packet* packet);
    }

    public sealed unsafe class PacketQueue : IPacketSink, IDisposable
    {
        private readonly object _lock = new();
        private Packet* _head;
        private Packet* _tail;
        private int _count;

        public int Count => _count;

        public void Accept([TakesOwnership] Packet* packet)
        {
            packet->Next = null;
            lock (_lock)
            {
                if (_tail == null)
                {
                    _head = packet;
                }
                else
                {
                    _tail->Next = packet;
                }

                _tail = packet;
                _count++;
            }
        }

        public int Peek([Borrowed] Packet* packet) => packet->Length;

        [return: Owned]
        public Packet* TryTake()
        {
            lock (_lock)
            {
                Packet* first = _head;
                if (first == null)
                {
                    return null;
                }

                _head = first->Next;
                if (_head == null)
                {
                    _tail = null;
                }

                _count--;
                return first;
            }
        }

        public bool TryTake([Owned] out Packet* packet)
        {
            packet = TryTake();
            return packet != null;
        }

        public void Dispose()
        {
            while (TryTake(out Packet* packet))
            {
                Packet.Free(packet);
            }
        }

        public void DropAll()
        {
            for (Packet* packet = TryTake(); packet != null; packet = TryTake())
            {
                Packet.Free(packet);
            }
        }

        public void MoveAllTo(PacketQueue other)
        {
            while (true)
            {
                Packet* packet = TryTake();
                if (packet == null)
                {
                    break;
                }

                other.Accept(packet);
            }
        }
    }

    public static unsafe class Network
    {
        [return: Owned]
        public static Packet* Receive(ReadOnlySpan<byte> data)
        {
            Packet* packet = Packet.Alloc();
            packet->Length = data.Length;
            data.CopyTo(new Span<byte>(packet->Bytes, 1024));
            return packet;
        }

        [return: Owned]
        public static Packet* ReceiveOrNull(ReadOnlySpan<byte> data) => data.Length <= 1024 ? Receive(data) : null;

        public static bool TryReceive(ReadOnlySpan<byte> data, [Owned] out Packet* packet)
        {
            packet = null;
            if (data.IsEmpty || data.Length > 1024)
            {
                return false;
            }

            packet = Receive(data);
            return true;
        }

        public static int Route(ReadOnlySpan<byte> data, PacketQueue high, PacketQueue low)
        {
            if (!TryReceive(data, out Packet* packet))
            {
                return -1;
            }

            int length = packet->Length;
            switch (packet->Bytes[0])
            {
                case 0:
                    Packet.Free(packet);
                    return 0;
                case 1:
                    high.Accept(packet);
                    break;
                case 2 when length > 8:
                    low.Accept(packet);
                    break;
                default:
                    Packet.Free(packet);
                    break;
            }

            return length;
        }

        public static void Broadcast(ReadOnlySpan<byte> data, IReadOnlyList<PacketQueue> queues)
        {
            foreach (PacketQueue queue in queues)
            {
                Packet* copy = ReceiveOrNull(data);
                if (copy is null)
                {
                    continue;
                }

                queue.Accept(copy);
            }
        }

        public static long Measure(IPacketSink sink, ReadOnlySpan<byte> data)
        {
            Packet* packet = Receive(data);
            try
            {
                return sink.Peek(packet);
            }
            finally
            {
                Packet.Free(packet);
            }
        }

        public static void Deliver(IPacketSink sink, ReadOnlySpan<byte> data)
        {
            Packet* packet = Receive(data);
            bool delivered = false;
            try
            {
                if (sink.Peek(packet) > 0)
                {
                    packet->Next = null;
                    delivered = true;
                }
            }
            catch (InvalidOperationException)
            {
                Packet.Free(packet);
                throw;
            }

            if (delivered)
            {
                sink.Accept(packet);
            }
            else
            {
                Packet.Free(packet);
            }
        }

        public static (nint Packet, int Length) ReceiveWithLength(ReadOnlySpan<byte> data)
        {
            Packet* packet = Receive(data);
            return ((nint)packet, packet->Length);
        }

        public static NativePointer<Packet>[] ReceiveAll(byte[][] data)
        {
            var all = new NativePointer<Packet>[data.Length];
            for (int i = 0; i < data.Length; i++)
            {
                all[i] = Receive(data[i]);
            }

            return all;
        }

        public static void ReceiveInto(List<NativePointer<Packet>> all, ReadOnlySpan<byte> data)
        {
            Packet* packet = Receive(data);
            if (packet->Length == 0)
            {
                Packet.Free(packet);
                return;
            }

            all.Add(packet);
        }

        public static void Replace(ref Packet* packet, ReadOnlySpan<byte> data)
        {
            Packet* old = packet;
            packet = Receive(data);
            Packet.Free(old);
        }
    }

    public ref struct SessionScope
    {
        private NativeOwner<Session> _session;

        public SessionScope(long id)
        {
            _session = Session.Rent(new Session { Id = id });
        }

        public SessionScope(NativeOwner<Session> session) => _session = session;

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ref Session Current => ref _session.Value;

        public NativeOwner<Session> Leave() => _session.Move();

        public void Dispose() => _session.Dispose();
    }

    public static class Sessions
    {
        public static long Visit(long id)
        {
            using SessionScope scope = new(id);
            scope.Current.LastSeen = 5;
            using NativeOwner<Session> session = scope.Leave();
            return session.Value.LastSeen;
        }

        public static long Adopt(long id)
        {
            NativeOwner<Session> session = Session.Rent();
            session.Value.Id = id;
            using SessionScope scope = new(session);
            return scope.Current.Id;
        }

        public static bool TryOpen(long id, out NativeOwner<Session> session)
        {
            session = default;
            if (id < 0)
            {
                return false;
            }

            session = Session.Rent();
            session.Value.Id = id;
            return true;
        }

        public static long OpenOrZero(long id)
        {
            if (!TryOpen(id, out NativeOwner<Session> session))
            {
                return 0;
            }

            using (session)
            {
                return session.Value.Id;
            }
        }

        public static NativeOwner<Session> Newer(NativeOwner<Session> left, NativeOwner<Session> right)
        {
            if (left.Value.LastSeen >= right.Value.LastSeen)
            {
                right.Dispose();
                return left;
            }

            left.Dispose();
            return right;
        }

        public static long Count(int sessions)
        {
            long sum = 0;
            for (int i = 0; i < sessions; i++)
            {
                NativeOwner<Session> session = Session.Rent();
                try
                {
                    session.Value.Id = i;
                    sum += Id(in session);
                    if (sum > 1000)
                    {
                        break;
                    }
                }
                finally
                {
                    session.Dispose();
                }
            }

            return sum;

            static long Id(in NativeOwner<Session> session) => session.Value.Id;
        }
    }
}
