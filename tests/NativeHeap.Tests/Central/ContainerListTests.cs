using System.Collections.Generic;

using NativeHeap.Central;
using NativeHeap.Entities;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>The headers of tables and pools, and their words.</summary>
public sealed unsafe class ContainerListTests
{
    private readonly CentralFixture _fixture = new();

    private ContainerList* List => &_fixture.Set->Containers;

    [Fact]
    public void A_container_counts_with_what_is_usable_of_its_regions()
    {
        ContainerHeader* header = ContainerList.Open(List);
        Assert.True(ContainerHeader.Of(header->Token) == header);
        Assert.True(List->Reserve(header, 0, 1 << 24) && List->Reserve(header, 3, 1 << 20));
        Assert.Equal((1L, 0L), (List->Count, List->RegionBytes));

        Assert.True(List->Commit(header, 0, 100_000) && List->Commit(header, 3, 1));
        Assert.Equal((long)(header->Region(0)->Committed + header->Region(3)->Committed), List->RegionBytes);
        Assert.Equal(_fixture.Pages->GetTotals().Span, (nuint)List->RegionBytes);
        List->Decommit(header, 0, 0);
        Assert.Equal((long)header->Region(3)->Committed, List->RegionBytes);

        List->Close(header);
        Assert.Equal((0L, 0L), (List->Count, List->RegionBytes));
        Assert.Equal(default, _fixture.Pages->GetTotals());
    }

    [Fact]
    public void Every_word_is_another_until_a_header_is_used_up()
    {
        HashSet<ulong> words = [];
        ContainerHeader* first = ContainerList.Open(List);
        ContainerHeader* header = first;
        while (header == first)
        {
            Assert.True(words.Add(header->Token));
            header->State[0] = 1;
            List->Close(header);
            Assert.Equal(0u, header->Token);
            header = ContainerList.Open(List);
            Assert.Equal(0, header->State[0]);
        }

        Assert.Equal(HeaderToken.MaxGeneration, words.Count);
        Assert.True(words.Add(header->Token));
    }

    [Fact]
    public void Every_state_fits_into_a_header()
    {
        Assert.InRange(sizeof(TableState), 1, ContainerHeader.StateBytes);
        Assert.InRange(sizeof(PoolState), 1, ContainerHeader.StateBytes);
    }

    [Fact]
    public void Containers_leave_in_any_order()
    {
        for (int order = 0; order < 6; order++)
        {
            List<nint> headers = [(nint)ContainerList.Open(List), (nint)ContainerList.Open(List), (nint)ContainerList.Open(List)];
            foreach (nint header in headers)
            {
                Assert.True(List->Reserve((ContainerHeader*)header, 1, 1) && List->Commit((ContainerHeader*)header, 1, 1));
            }

            for (int left = 3; left > 0; left--)
            {
                var leaving = (ContainerHeader*)headers[left == 3 ? order % 3 : left == 2 ? order / 3 : 0];
                byte* inside = leaving->Region(1)->Start;
                Assert.True(List->Owns(inside));
                headers.Remove((nint)leaving);
                List->Close(leaving);
                Assert.False(List->Owns(inside));
                Assert.Equal(headers.Count, List->Count);
                foreach (nint header in headers)
                {
                    Assert.True(List->Owns(((ContainerHeader*)header)->Region(1)->Start));
                }
            }
        }
    }

    [Fact]
    public void All_end_with_their_heap()
    {
        List<nint> headers = [];
        for (int i = 0; i < 100; i++)
        {
            ContainerHeader* header = ContainerList.Open(List);
            Assert.True(List->Reserve(header, 0, 1 << 20) && List->Commit(header, 0, 1));
            headers.Add((nint)header);
        }

        _fixture.Set->ReleaseAll();
        Assert.Equal((0L, 0L), (List->Count, List->RegionBytes));
        Assert.Equal(default, _fixture.Pages->GetTotals());
        foreach (nint header in headers)
        {
            Assert.Equal(0u, ((ContainerHeader*)header)->Token);
        }
    }

    [Fact]
    public void More_addresses_than_there_are_leave_a_container_as_it_was()
    {
        ContainerHeader* header = ContainerList.Open(List);
        Assert.False(List->Reserve(header, 0, (nuint)1 << 50));
        Assert.True(header->Region(0)->Start == null);
        List->Close(header);
        Assert.Equal(default, _fixture.Pages->GetTotals());
    }
}
