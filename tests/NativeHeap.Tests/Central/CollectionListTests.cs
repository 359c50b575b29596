using System.Collections.Generic;

using NativeHeap.Central;
using NativeHeap.Collections;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>The headers of collections, and their words.</summary>
public sealed unsafe class CollectionListTests
{
    private readonly CentralFixture _fixture = new();

    private CollectionList* List => &_fixture.Set->Collections;

    [Fact]
    public void A_header_is_a_line_of_the_cache_and_every_state_fits_into_it()
    {
        Assert.Equal(64, sizeof(CollectionHeader));
        Assert.Equal(0u, (nuint)CollectionList.Open(List) % 64);
        Assert.InRange(sizeof(ItemsState), 1, CollectionHeader.StateBytes);
        Assert.InRange(sizeof(BoxState<long>), 1, CollectionHeader.StateBytes);
        Assert.InRange(sizeof(DictionaryState<int, long>), 1, CollectionHeader.StateBytes);
    }

    [Fact]
    public void Every_word_is_another_until_a_header_is_used_up()
    {
        HashSet<ulong> words = [];
        CollectionHeader* first = CollectionList.Open(List);
        CollectionHeader* header = first;
        while (header == first)
        {
            Assert.True(words.Add(header->Token));
            Assert.True(HeaderToken.HeaderOf(header->Token) == header && header->IsOpen);
            header->State[0] = 1;
            List->Close(header);
            Assert.False(header->IsOpen);
            header = CollectionList.Open(List);
            Assert.Equal(0, header->State[0]);
        }

        Assert.Equal(HeaderToken.MaxGeneration, words.Count);
        Assert.True(first->IsUsedUp && !first->IsOpen);
        Assert.True(words.Add(header->Token));
    }

    [Fact]
    public void Headers_are_used_again_and_all_end_with_their_heap()
    {
        HashSet<nint> headers = [];
        for (int round = 0; round < 3; round++)
        {
            List<nint> open = [];
            for (int i = 0; i < 2_000; i++)
            {
                open.Add((nint)CollectionList.Open(List));
            }

            Assert.Equal(2_000, List->Count);
            Assert.Equal(2_000, new HashSet<nint>(open).Count);
            headers.UnionWith(open);
            if (round == 1)
            {
                open.ForEach(header => List->Close((CollectionHeader*)header));
            }
            else
            {
                List->CloseAll();
            }

            Assert.Equal(0, List->Count);
            open.ForEach(header => Assert.False(((CollectionHeader*)header)->IsOpen));
        }

        Assert.Equal(2_000, headers.Count);
    }
}
