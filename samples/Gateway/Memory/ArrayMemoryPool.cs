// A MemoryPool over ArrayPool.Shared that counts: what a program has that looks no further than the runtime.
//
// MemoryPool.Shared is the same without counts, and with an object of garbage for each rent; here owners are recycled, so that the two runs of the gateway differ in nothing but where the bytes are.

using System;
using System.Buffers;
using System.Threading;

namespace Gateway.Memory;

internal sealed class ArrayMemoryPool : MemoryPool<byte>
{
    private const int DefaultLength = 4096;

    private readonly Lock _lock = new();
    private Owner? _unused;
    private long _rented;
    private long _rentedBytes;
    private long _peakBytes;

    public override int MaxBufferSize => Array.MaxLength;

    public long Rented => Volatile.Read(ref _rented);

    public long PeakBytes => Volatile.Read(ref _peakBytes);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(minBufferSize == -1 ? DefaultLength : minBufferSize);
        lock (_lock)
        {
            _rented++;
            _rentedBytes += array.Length;
            _peakBytes = Math.Max(_peakBytes, _rentedBytes);
            Owner owner = _unused ?? new Owner(this);
            _unused = owner.Next;
            owner.Array = array;
            return owner;
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Owner owner)
    {
        byte[] array;
        lock (_lock)
        {
            if (owner.Array is null)
            {
                return;
            }

            array = owner.Array;
            owner.Array = null;
            owner.Next = _unused;
            _unused = owner;
            _rented--;
            _rentedBytes -= array.Length;
        }

        ArrayPool<byte>.Shared.Return(array);
    }

    private sealed class Owner(ArrayMemoryPool pool) : IMemoryOwner<byte>
    {
        public Owner? Next { get; set; }

        public byte[]? Array { get; set; }

        public Memory<byte> Memory => Array ?? throw new ObjectDisposedException(nameof(IMemoryOwner<>));

        public void Dispose() => pool.Return(this);
    }
}
