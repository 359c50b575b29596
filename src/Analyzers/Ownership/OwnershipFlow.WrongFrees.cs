// What cannot be freed by the call at hand, whenever that may be: addresses inside of objects, what another allocator or an arena has handed out, objects of another heap or of another size.

using Microsoft.CodeAnalysis;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    // The rules on what an object is, rather than on when it ends. Where one of them holds, the call frees nothing that it should.
    private bool IsKnown(Site site, IOperation call, IMethodSymbol method, Contract contract, IOperation operand, OwnershipValue value, bool isExact)
    {
        bool isInside = (value.Origins & ~Origins.Null) == Origins.Inside;
        bool isForeignCall = contract.Family == AllocatorFamily.Foreign;
        if (isInside && site is { Parameter: null, IsForeign: false })
        {
            Report(Descriptors.InteriorFreed, operand.Syntax, site, Text(operand), site.Name);
        }
        else if (site.IsReference && isExact && !isForeignCall && AreOfRuntime(site, contract))
        {
            Report(Descriptors.ForeignFreed, operand.Syntax, Text(operand), site.Name, method.ContainingType.Name + "." + method.Name);
        }
        else if (site.IsForeign != isForeignCall && !value.May(Origins.Unknown | Origins.Stack) && AreOfTwo(site, contract))
        {
            Report(Descriptors.ForeignFreed, operand.Syntax, site, Text(operand), site.Name, method.ContainingType.Name + "." + method.Name);
        }
        else if (isForeignCall || site.IsForeign)
        {
            // NativeMemory's own business.
        }
        else
        {
            if (isExact && site.Parameter is null)
            {
                CheckKind(site, call, method, contract, operand);
            }

            return false;
        }

        Escape(value);
        return true;
    }

    private static bool AreOfRuntime(Site site, Contract contract) => site.Contract.Family == AllocatorFamily.NativeHeap && contract.Family == AllocatorFamily.NativeHeap;

    private static bool AreOfTwo(Site site, Contract contract)
        => site.IsForeign ? contract.Family == AllocatorFamily.NativeHeap : site.Contract.Family == AllocatorFamily.NativeHeap;

    private void CheckKind(Site site, IOperation call, IMethodSymbol method, Contract contract, IOperation operand)
    {
        HeapReference from = HeapReference.OfSite(site, _contracts);
        HeapReference to = HeapReference.Of(call, method, contract, _contracts);
        if (from.Differs(to, _graph.OriginalOperation))
        {
            Report(Descriptors.WrongHeap, operand.Syntax, site, Text(operand), from.Name, to.Name);
        }

        if (contract.Family == AllocatorFamily.NativeHeap && site.Contract.Family == AllocatorFamily.NativeHeap
            && SlotMismatch.Of(site.Type, operand.Type, _compilation) is { } mismatch)
        {
            Report(Descriptors.FreedAsAnother, operand.Syntax, site, Text(operand), mismatch.Freed, mismatch.Allocated);
        }
    }
}
