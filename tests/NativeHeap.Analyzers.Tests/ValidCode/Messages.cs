// Buffers and messages between threads and over awaits, without a line of unsafe code.
#nullable enable

using System.Buffers;
using System.Threading;
using System.Threading.Tasks;

namespace Valid.Messages
{
    public sealed class Publisher(NativeMemoryPool pool) : IDisposable
    {
        private readonly List<Queue<MessageBuffer>> _subscribers = [];
        private IMemoryOwner<byte>? _scratch;
        private MessageBuffer _last;

        public void Publish(ReadOnlySpan<byte> data)
        {
            MessageBuffer message = MessageBuffer.CopyFrom(data);
            foreach (Queue<MessageBuffer> subscriber in _subscribers)
            {
                subscriber.Enqueue(message.Retain());
            }

            message.Release();
        }

        public void PublishInOne(ReadOnlySpan<byte> data)
        {
            MessageBuffer message = MessageBuffer.Rent(data.Length);
            data.CopyTo(message.Span);
            message.Retain(_subscribers.Count);
            foreach (Queue<MessageBuffer> subscriber in _subscribers)
            {
                subscriber.Enqueue(message);
            }

            message.Release();
        }

        public bool TryPublish(ReadOnlySpan<byte> data)
        {
            if (!MessageBuffer.TryRent(data.Length, out MessageBuffer message))
            {
                return false;
            }

            try
            {
                data.CopyTo(message.Span);
                foreach (Queue<MessageBuffer> subscriber in _subscribers)
                {
                    message.Retain();
                    subscriber.Enqueue(message);
                }

                return true;
            }
            finally
            {
                message.Release();
            }
        }

        public void Keep(ReadOnlySpan<byte> data)
        {
            _last.Dispose();
            _last = MessageBuffer.CopyFrom(data);
        }

        public int Drain(Queue<MessageBuffer> queue)
        {
            int bytes = 0;
            while (queue.TryDequeue(out MessageBuffer message))
            {
                bytes += message.Length;
                message.Release();
            }

            return bytes;
        }

        public async Task<int> ReadAsync(System.IO.Stream stream, CancellationToken cancellation)
        {
            using IMemoryOwner<byte> owner = pool.Rent(4096);
            int total = 0;
            int read;
            while ((read = await stream.ReadAsync(owner.Memory, cancellation)) > 0)
            {
                total += read;
            }

            return total;
        }

        public async Task<IMemoryOwner<byte>> ReadOneAsync(System.IO.Stream stream)
        {
            IMemoryOwner<byte> owner = pool.Rent(4096);
            try
            {
                await stream.ReadExactlyAsync(owner.Memory);
                return owner;
            }
            catch
            {
                owner.Dispose();
                throw;
            }
        }

        public async Task<int> ReadRetrying(System.IO.Stream stream)
        {
            for (int attempt = 0; ; attempt++)
            {
                NativeMemoryOwner owner = pool.RentExact(512);
                try
                {
                    return await stream.ReadAsync(owner.Memory);
                }
                catch (System.IO.IOException) when (attempt < 3)
                {
                    await Task.Delay(attempt);
                }
                finally
                {
                    owner.Dispose();
                }
            }
        }

        public Task<int> Later()
        {
            NativeMemoryOwner owner = pool.RentExact(512);
            return Task.Run(() =>
            {
                using (owner)
                {
                    return owner.Memory.Length;
                }
            });
        }

        public IEnumerable<ReadOnlyMemory<byte>> Chunks(int count)
        {
            using NativeMemoryOwner owner = pool.RentExact(512);
            for (int i = 0; i < count; i++)
            {
                owner.Memory.Span[0] = (byte)i;
                yield return owner.Memory;
            }
        }

        public int Length(bool wanted)
        {
            using IMemoryOwner<byte>? owner = wanted ? pool.Rent(64) : null;
            return owner?.Memory.Length ?? 0;
        }

        public Memory<byte> Scratch()
        {
            _scratch ??= pool.Rent(1024);
            return _scratch.Memory;
        }

        public void Resize(int length)
        {
            IMemoryOwner<byte> grown = pool.Rent(length);
            if (_scratch is { } old)
            {
                old.Memory.CopyTo(grown.Memory);
                old.Dispose();
            }

            _scratch = grown;
        }

        public int Choose(int kind)
        {
            using IDisposable resource = kind switch
            {
                0 => pool.Rent(8),
                1 => pool.RentExact(9),
                _ => new NativeBufferWriter(pool),
            };
            return resource is NativeMemoryOwner owner ? owner.Memory.Length : 0;
        }

        public void TryEverything()
        {
            if (pool.TryRent(8, out NativeMemoryOwner? owner))
            {
                try
                {
                    owner.Memory.Span.Clear();
                }
                finally
                {
                    owner.Dispose();
                }
            }
        }

        public void Dispose()
        {
            _scratch?.Dispose();
            _last.Dispose();
        }
    }
}
