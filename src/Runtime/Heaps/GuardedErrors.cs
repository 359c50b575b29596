// What is said of a guarded object in an exception: as SlotErrors says it of a slot, and what its place has of its allocation and its free beside. Guards/GuardedReport.cs says it of a fault, where no exception can be made.

using System.Text;

using NativeHeap.Pages;

using static System.FormattableString;

namespace NativeHeap.Heaps;

/// <summary>Makes the exceptions of guarded objects.</summary>
internal static unsafe class GuardedErrors
{
    /// <summary>A free, or a use in a call, of what was freed before.</summary>
    public static HeapCorruptionException FreedBefore(GuardedPlace* place, void* pointer)
    {
        nuint offset = (nuint)((byte*)pointer - place->Span.Base);
        string within = offset == 0 ? "" : Invariant($"{offset:N0} bytes into ");
        string type = place->Type.Length == 0 ? "" : $", of type {Text(in place->Type)}";
        return Corruption.Found(pointer, Invariant(
            $"The address 0x{(nuint)pointer:x} was freed before: it is {within}a guarded block of {place->Span.SlotSize:N0} bytes at 0x{(nuint)place->Span.Base:x}{type}, allocated {By(in place->Allocated)} and freed {By(in place->Freed)}. Look for the other Free of the block, or for the Reset that ended it, and let one owner free it. The call was ignored and the heap is intact."));
    }

    private static string By(in GuardedStamp stamp)
    {
        string site = stamp.Site.Length == 0 ? "" : $"at {Text(in stamp.Site)} ";
        string name = stamp.Name.Length == 0 ? "" : $" ({Text(in stamp.Name)})";
        return stamp.Thread == 0 ? $"{site}by a thread that is not known" : Invariant($"{site}by thread {stamp.Thread}{name}");
    }

    private static string Text(in GuardedText text)
    {
        fixed (byte* bytes = text.Bytes)
        {
            return Encoding.UTF8.GetString(bytes, text.Length);
        }
    }
}
