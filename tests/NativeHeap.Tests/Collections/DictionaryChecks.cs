using System.Numerics;

using NativeHeap.Collections;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>What is true of every dictionary at any time.</summary>
internal static unsafe class DictionaryChecks
{
    /// <summary>Asserts the invariants of the table.</summary>
    public static void AssertInvariants<TKey, TValue>(NativeDictionary<TKey, TValue> dictionary)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        DictionaryState<TKey, TValue>* state = dictionary.State;
        Assert.True(BitOperations.IsPow2(state->GroupMask + 1));
        Assert.True(state->SlotCount == 0 || (BitOperations.IsPow2(state->SlotCount) && (state->GroupMask + 1) * ControlGroup.Slots == int.Max(state->SlotCount, ControlGroup.Slots)));
        int used = 0;
        int removed = 0;
        bool hasEmpty = false;
        for (int slot = 0; slot < (state->GroupMask + 1) * ControlGroup.Slots; slot++)
        {
            byte control = state->Control[slot];
            hasEmpty |= control == ControlGroup.Empty;
            if (slot >= state->SlotCount)
            {
                Assert.Equal(ControlGroup.Empty, control);
            }
            else if (control < 0x80)
            {
                used++;
                DictionaryEntry<TKey, TValue>* entry = state->Entries + slot;
                Assert.True(state->Find(entry->Key, default(NaturalEquality<TKey>), out _) == entry);
            }
            else if (control == ControlGroup.Removed)
            {
                removed++;
            }
            else
            {
                Assert.Equal(ControlGroup.Empty, control);
            }
        }

        Assert.True(hasEmpty);
        Assert.Equal(state->Count, used);
        Assert.Equal(state->Limit, state->Count + state->GrowthLeft + removed);
        Assert.True(state->GrowthLeft >= 0);
    }
}
