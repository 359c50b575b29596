using System;
using System.Buffers;
using System.Threading.Tasks;

using Nerdbank.Streams;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Peers;

/// <summary>Nerdbank.Streams' sequences, whose segments are buffers of ours.</summary>
public sealed class SequenceTests
{
    private const int Length = 1_000_000;

    [Theory]
    [InlineData(BufferBacking.Native, CheckLevel.Off)]
    [InlineData(BufferBacking.Native, CheckLevel.Basic)]
    [InlineData(BufferBacking.PinnedObjectHeap, CheckLevel.Off)]
    public async Task What_is_written_is_read_and_given_back_from_the_front(BufferBacking backing, CheckLevel check)
    {
        await using TestPool pool = new(backing, check);
        using Sequence<byte> sequence = new(pool.Pool) { MinimumSpanLength = 5_000 };
        Random random = new(1);
        int written = 0;
        int read = 0;
        while (read < Length)
        {
            int count = int.Min(random.Next(20_000), Length - written);
            if (count > 0)
            {
                Pattern.Fill(sequence.GetSpan(count)[..count], seed: 1, written);
                sequence.Advance(count);
                written += count;
            }

            ReadOnlySequence<byte> content = sequence.AsReadOnlySequence;
            Assert.Equal(written - read, content.Length);
            Assert.Equal(-1, Pattern.FindWrong(content, seed: 1, read));
            SequencePosition position = content.GetPosition(random.Next((int)content.Length + 1));
            read += (int)content.Slice(0, position).Length;
            sequence.AdvanceTo(position);
            if (written == Length)
            {
                sequence.AdvanceTo(sequence.AsReadOnlySequence.End);
                read = Length;
            }
        }

        Assert.Equal(0, sequence.Length);
    }

    [Fact]
    public async Task A_reset_gives_all_buffers_back()
    {
        await using TestPool pool = new();
        using Sequence<byte> sequence = new(pool.Pool);
        for (int round = 0; round < 10; round++)
        {
            sequence.Write(Pattern.Make(round, 100_000));
            Assert.NotEqual(0, pool.Pool.GetStatistics().RentedBuffers);
            Assert.Equal(-1, Pattern.FindWrong(sequence.AsReadOnlySequence, round));
            sequence.Reset();
            Assert.Equal(0, pool.Pool.GetStatistics().RentedBuffers);
        }
    }
}
