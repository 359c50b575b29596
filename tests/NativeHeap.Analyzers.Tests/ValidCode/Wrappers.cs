// Classes that own native memory: growing buffers, pools with free lists, handles, caches, trees, SafeHandle, lazy creation.
#nullable enable

namespace Valid.Wrappers
{
    [NativeAllocated]
    public unsafe partial struct Slot
    {
        public Slot* NextFree;
        public long Key;
        public long Value;
    }

    public sealed unsafe class ByteBuffer : IDisposable
    {
        private byte* _data;
        private int _capacity;
        private int _length;

        public ByteBuffer(int capacity)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(capacity);
            _data = (byte*)HeapMemory.Alloc((nuint)capacity);
            _capacity = capacity;
        }

        ~ByteBuffer() => Release();

        public ReadOnlySpan<byte> Written => new(_data, _length);

        public void Append(ReadOnlySpan<byte> more)
        {
            ObjectDisposedException.ThrowIf(_data == null, this);
            if (_length + more.Length > _capacity)
            {
                int capacity = Math.Max(2 * _capacity, _length + more.Length);
                _data = (byte*)HeapMemory.Realloc(_data, (nuint)capacity);
                _capacity = capacity;
            }

            more.CopyTo(new Span<byte>(_data + _length, more.Length));
            _length += more.Length;
        }

        public void GrowByHand(int capacity)
        {
            byte* grown = (byte*)HeapMemory.Alloc((nuint)capacity);
            Buffer.MemoryCopy(_data, grown, capacity, _length);
            byte* old = _data;
            _data = grown;
            _capacity = capacity;
            HeapMemory.Free(old);
        }

        [return: Owned]
        public byte* Detach(out int length)
        {
            byte* data = _data;
            length = _length;
            _data = null;
            _capacity = _length = 0;
            return data;
        }

        public void Dispose()
        {
            Release();
            GC.SuppressFinalize(this);
        }

        private void Release()
        {
            HeapMemory.Free(_data);
            _data = null;
        }
    }

    public sealed unsafe class SlotPool : IDisposable
    {
        private readonly Stack<NativePointer<Slot>> _blocks = new();
        private Slot* _free;

        public Slot* Rent()
        {
            Slot* slot = _free;
            if (slot == null)
            {
                slot = Slot.AllocZeroed();
                _blocks.Push(slot);
                return slot;
            }

            _free = slot->NextFree;
            slot->NextFree = null;
            return slot;
        }

        public void Return(Slot* slot)
        {
            slot->NextFree = _free;
            _free = slot;
        }

        public long UseOne(long key)
        {
            Slot* slot = Rent();
            try
            {
                slot->Key = key;
                return slot->Key + slot->Value;
            }
            finally
            {
                Return(slot);
            }
        }

        public void Dispose()
        {
            while (_blocks.TryPop(out NativePointer<Slot> slot))
            {
                Slot.Free(slot);
            }
        }
    }

    public sealed unsafe class Cache : IDisposable
    {
        private readonly Dictionary<long, NativePointer<Slot>> _slots = new();

        public Slot* GetOrAdd(long key)
        {
            if (_slots.TryGetValue(key, out NativePointer<Slot> found))
            {
                return found;
            }

            Slot* made = Slot.AllocZeroed();
            made->Key = key;
            _slots.Add(key, made);
            return made;
        }

        public ref Slot GetOrAddRef(long key)
        {
            ref NativePointer<Slot> place = ref CollectionsMarshal.GetValueRefOrAddDefault(_slots, key, out bool exists);
            if (!exists)
            {
                place = Slot.Alloc(new Slot { Key = key });
            }

            return ref place.Value;
        }

        public bool Remove(long key)
        {
            if (!_slots.Remove(key, out NativePointer<Slot> slot))
            {
                return false;
            }

            Slot.Free(slot);
            return true;
        }

        public void Evict(Func<Slot, bool> isOld)
        {
            List<long> keys = [];
            foreach ((long key, NativePointer<Slot> slot) in _slots)
            {
                if (isOld(slot.Value))
                {
                    keys.Add(key);
                }
            }

            foreach (long key in keys)
            {
                Slot* slot = _slots[key];
                _slots.Remove(key);
                Slot.Free(slot);
            }
        }

        public void Dispose()
        {
            foreach (NativePointer<Slot> slot in _slots.Values)
            {
                Slot.Free(slot);
            }

            _slots.Clear();
        }
    }

    public sealed unsafe class SlotHandle : SafeHandle
    {
        public SlotHandle()
            : base(0, ownsHandle: true)
        {
            Slot* slot = Slot.AllocZeroed();
            SetHandle((nint)slot);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            Slot.Free((Slot*)handle);
            return true;
        }
    }

    public sealed unsafe class Lazily : IDisposable
    {
        private nint _slot;

        public Slot* Value
        {
            get
            {
                Slot* seen = (Slot*)System.Threading.Volatile.Read(ref _slot);
                if (seen != null)
                {
                    return seen;
                }

                Slot* made = Slot.AllocZeroed();
                nint before = System.Threading.Interlocked.CompareExchange(ref _slot, (nint)made, 0);
                if (before == 0)
                {
                    return made;
                }

                Slot.Free(made);
                return (Slot*)before;
            }
        }

        public void Dispose() => Slot.Free((Slot*)System.Threading.Interlocked.Exchange(ref _slot, 0));
    }

    public sealed unsafe class Matrix : IDisposable
    {
        private readonly int _rows;
        private readonly double** _cells;

        public Matrix(int rows, int columns)
        {
            _rows = rows;
            double** cells = (double**)HeapMemory.AllocZeroed((nuint)(rows * sizeof(double*)));
            int done = 0;
            try
            {
                for (; done < rows; done++)
                {
                    cells[done] = (double*)HeapMemory.AlignedAlloc((nuint)(columns * sizeof(double)), 64);
                }
            }
            catch (OutOfMemoryException)
            {
                while (done > 0)
                {
                    HeapMemory.Free(cells[--done]);
                }

                HeapMemory.Free(cells);
                throw;
            }

            _cells = cells;
        }

        public Span<double> Row(int row, int columns) => new(_cells[row], columns);

        public void Dispose()
        {
            for (int row = 0; row < _rows; row++)
            {
                HeapMemory.Free(_cells[row]);
            }

            HeapMemory.Free(_cells);
        }
    }

    public static unsafe class Scratch
    {
        public static int Sum(ReadOnlySpan<int> values)
        {
            const int OnStack = 64;
            int* rented = null;
            Span<int> copy = values.Length <= OnStack ? stackalloc int[OnStack] : new Span<int>(rented = (int*)HeapMemory.Alloc((nuint)values.Length * sizeof(int)), values.Length);
            try
            {
                values.CopyTo(copy);
                int sum = 0;
                foreach (int value in copy[..values.Length])
                {
                    sum += value;
                }

                return sum;
            }
            finally
            {
                HeapMemory.Free(rented);
            }
        }

        public static int SumByNull(ReadOnlySpan<int> values)
        {
            int* rented = null;
            if (values.Length > 64)
            {
                rented = (int*)HeapMemory.Alloc((nuint)values.Length * sizeof(int));
            }

            int sum = 0;
            for (int i = 0; i < values.Length; i++)
            {
                if (rented != null)
                {
                    rented[i] = values[i];
                }

                sum += values[i];
            }

            if (rented != null)
            {
                HeapMemory.Free(rented);
            }

            return sum;
        }

        public static string Text(string text)
        {
            byte* bytes = (byte*)HeapMemory.Alloc((nuint)System.Text.Encoding.UTF8.GetMaxByteCount(text.Length));
            try
            {
                int length;
                fixed (char* chars = text)
                {
                    length = System.Text.Encoding.UTF8.GetBytes(chars, text.Length, bytes, 4 * text.Length);
                }

                return new string((sbyte*)bytes, 0, length);
            }
            finally
            {
                HeapMemory.Free(bytes);
            }
        }

        public static void* WithHeader(nuint size)
        {
            byte* block = (byte*)HeapMemory.Alloc(size + 16);
            *(nuint*)block = size;
            return block + 16;
        }

        public static void FreeWithHeader(void* user)
        {
            if (user == null)
            {
                return;
            }

            HeapMemory.Free((byte*)user - 16);
        }

        public static void* Aligned(nuint size, nuint alignment)
        {
            void* block = HeapMemory.Alloc(size + alignment);
            nuint aligned = ((nuint)block + alignment) & ~(alignment - 1);
            ((void**)aligned)[-1] = block;
            return (void*)aligned;
        }
    }
}
