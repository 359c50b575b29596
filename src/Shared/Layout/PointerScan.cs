// Decides whether a struct is noscan: provably free of pointers into the native heap.
//
// The heap graph asks who still points at an object, and skips the spans of noscan structs. So the answer may err on one side only:
//
//     noscan  =>  no byte of the struct was ever declared as something that can hold a heap address
//
// Pointers, nint and nuint are such declarations, and GCHandle, which is an nint in disguise. Function pointers are not: they point at
// code. Integers of 64 bits are not either: who stores an address in a long hides it from every tool. A vector holds what its
// element holds. A type parameter, a field hidden by a reference assembly or a type that cannot be seen may be anything.

using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>Finds structs that hold no pointers. One instance serves one question; it remembers the types already seen.</summary>
internal sealed class PointerScan
{
    private const int MaxDepth = 64;

    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);

    private PointerScan()
    {
    }

    /// <summary>Whether no field of the type, at any depth, can hold a pointer into the native heap.</summary>
    public static bool IsNoScan(ITypeSymbol type) => new PointerScan().HoldsNone(type, 0);

    private bool HoldsNone(ITypeSymbol type, int depth)
    {
        if (type is IFunctionPointerTypeSymbol)
        {
            return true;
        }

        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct or TypeKind.Enum } named || depth > MaxDepth)
        {
            return false;
        }

        if (named.TypeKind == TypeKind.Enum || !_seen.Add(named))
        {
            // One seen before was free of pointers, or the search would have ended there.
            return true;
        }

        switch (named.SpecialType)
        {
            case SpecialType.System_IntPtr or SpecialType.System_UIntPtr:
                return false;
            case >= SpecialType.System_Boolean and <= SpecialType.System_Double:
                return true;
            default:
                break;
        }

        // The reference pack gives Nullable a placeholder beside its value.
        if (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
        {
            return HoldsNone(named.TypeArguments[0], depth + 1);
        }

        if (WellKnownLayouts.Find(named) is { } known)
        {
            return known.Rule != WellKnownLayouts.Rule.Handle && named.TypeArguments.All(a => HoldsNone(a, depth + 1));
        }

        IEnumerable<IFieldSymbol> fields = named.GetMembers().OfType<IFieldSymbol>().Where(static f => !f.IsStatic);
        return fields.All(f => !LayoutCalculator.IsPlaceholder(f) && (f.IsFixedSizeBuffer || HoldsNone(f.Type, depth + 1)));
    }
}
